"""The package stands apart from the numbers, and the formula sheet is what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lingauss.symbolic import names
from lingauss.symbolic.formulas import formula_sheet, main

ROOT = Path(__file__).parents[2]


def _loaded_after(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_no_numeric_module_of_the_package_is_imported() -> None:
    derive_all = (
        "import lingauss.symbolic as s; s.derivation('kl_univariate').lambdify(); import lingauss.symbolic.formulas"
    )
    loaded = _loaded_after(derive_all)
    without_numbers = ("lingauss.symbolic", "lingauss.errors", "lingauss.names", "lingauss.version")
    others = {name for name in loaded if name.startswith("lingauss.") and not name.startswith(without_numbers)}
    assert others == set()
    assert not loaded & {"matplotlib", "xarray", "pandas"}


def test_formula_sheet_is_up_to_date() -> None:
    written = (ROOT / "docs" / "formulas.md").read_text(encoding="utf-8")
    if written != formula_sheet():
        pytest.fail("docs/formulas.md is stale: run `python -m lingauss.symbolic.formulas`.")


def test_formula_sheet_holds_every_derivation(tmp_path: Path) -> None:
    main([str(tmp_path / "sheet.md")])
    written = (tmp_path / "sheet.md").read_text(encoding="utf-8")
    assert [name for name in names() if f"\n`{name}`\n" not in written] == []
    assert written.count("$$") % 2 == 0
