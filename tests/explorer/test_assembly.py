"""The page as a text: generated parts are fresh, nothing in it is foreign, and nothing half-written appears."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError
from lingauss.explorer import assemble, explore, generate
from lingauss.explorer.bins import WHOLE
from lingauss.explorer.presets import digits, lossless, presets
from lingauss.explorer.subject import describe, subject_of
from lingauss.ledgers.dispatch import ledger_of
from lingauss.symbolic import ExcessLog, derivation

HOSTILE = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> & "quoted"'


def design(d: int = 5) -> lg.Distillation:
    problem = lg.Problem.from_spectrum(100.0 / np.arange(1, d + 1), np.ones(d), n_samples=50, label_noise=0.5)
    return lg.Distillation(problem, lg.Ridge(3.0), lg.Ridge(2.0, 0.5), lg.Principal(d // 2))


def test_the_pages_arithmetic_is_what_the_derivations_print() -> None:
    written = (generate.PAGE / "formulas.js").read_text(encoding="utf-8")
    assert written == generate.formulas_javascript(), "run `python -m lingauss.explorer.generate`"


def test_the_formulas_shown_are_the_derived_ones() -> None:
    pytest.importorskip("latex2mathml")
    written = json.loads((generate.PAGE / "formulas.json").read_text(encoding="utf-8"))
    assert written == json.loads(generate.formulas_json()), "run `python -m lingauss.explorer.generate`"


def test_every_formula_the_page_refers_to_is_there() -> None:
    known = json.loads((generate.PAGE / "formulas.json").read_text(encoding="utf-8"))
    texts = [path.read_text(encoding="utf-8") for path in generate.PAGE.iterdir() if path.suffix in (".js", ".html")]
    named = r'formula: "(\w+)"|data-formula="(\w+)"'
    asked = {first or second for text in texts for first, second in re.findall(named, text)}
    assert len(asked) >= 15
    assert asked <= set(known)


def test_every_symbol_of_a_formula_is_defined_beside_it() -> None:
    for name, formula in json.loads((generate.PAGE / "formulas.json").read_text(encoding="utf-8")).items():
        defined = {symbol["name"] for symbol in formula["symbols"]}
        used = {str(symbol) for equation in equations(name) for symbol in equation.free_symbols if symbol.is_Symbol}
        assert used <= defined, name
        assert ("ell" in defined) == any(equation.has(ExcessLog) for equation in equations(name))
        assert all(symbol["meaning"] for symbol in formula["symbols"])


def equations(name: str) -> list[sp.Eq]:
    found = derivation(name)
    return [found.statement, *found.where]


def test_every_script_is_in_the_page_once() -> None:
    files = {path.name for path in generate.PAGE.iterdir() if path.suffix == ".js"}
    assert sorted(assemble.SCRIPTS) == sorted(files)


def test_the_digits_are_those_of_the_case_study() -> None:
    pytest.importorskip("sklearn")
    fresh, bundled = json.loads(generate.digits_json()), describe(digits())
    for name in ("eigenvalues", "signal"):
        size = max(fresh[name])
        np.testing.assert_allclose(bundled.pop(name), fresh.pop(name), rtol=1e-9, atol=1e-12 * size)
    fresh_noise = fresh["design"].pop("label_noise")
    assert bundled["design"].pop("label_noise") == pytest.approx(fresh_noise, rel=1e-9)
    assert bundled == fresh


def test_the_lossless_family_loses_nothing() -> None:
    assert ledger_of(lossless()).total == pytest.approx(0.0, abs=1e-20)


def test_the_page_is_well_formed_and_closed_to_the_network() -> None:
    page = explore(design()).html
    assert "{{" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?!data:)", page.split("<script>", 1)[0])


def test_subjects_in_the_page_are_read_back_unchanged() -> None:
    page = explore(design(), title=HOSTILE).html
    (text,) = re.findall(r'<script type="application/json" id="subjects">(.*?)</script>', page, flags=re.DOTALL)
    found = json.loads(text)
    assert list(found) == ["yours", *presets()]
    expected = describe(subject_of(design(), HOSTILE))
    assert found["yours"] == json.loads(json.dumps(expected))


def test_hostile_titles_end_no_element() -> None:
    page = explore(design(), title=HOSTILE)
    harmless = explore(design(), title="plain").html
    for tag in ("<script", "</script", "<img"):
        assert page.html.count(tag) == harmless.count(tag)
    frame = page._repr_html_()
    assert frame.count("<") == 2
    assert frame.count(">") == 2


def test_a_page_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    assert explore().save(target) == target
    assert target.read_text(encoding="utf-8").endswith("</html>\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").touch()
    with pytest.raises(OSError, match="folder"):
        explore().save(tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "page.html"]


def test_a_spectrum_is_written_out_up_to_its_limit() -> None:
    assert subject_of(design(WHOLE), "whole").bins is None
    assert subject_of(design(WHOLE + 1), "binned").bins is not None
    assert len(subject_of(design(WHOLE), "whole").eigenvalues) == WHOLE


def test_designs_the_page_has_no_controls_for_are_refused() -> None:
    case = design()
    with pytest.raises(DomainError, match="eigen-directions"):
        case.replace(bottleneck=lg.Best(2)).explore()
    with pytest.raises(DomainError, match="eigen-directions"):
        case.replace(bottleneck=lg.Subspace(np.eye(5)[:, :2])).explore()
    with pytest.raises(DomainError, match="single ones"):
        design(WHOLE + 1).replace(bottleneck=lg.Selected([3])).explore()
    with pytest.raises(DomainError, match="Ridge"):
        lg.Distillation.from_channels(case.problem, case.teacher_channel, case.student_channel).explore()
    with pytest.raises(DomainError, match="spread"):
        case.replace(teacher_temperature=0.0).explore()
    with pytest.raises(MissingTruthError):
        lg.Distillation(lg.Problem.from_gram(np.eye(3), n_samples=10, label_noise=1.0)).explore()


def test_script_data_holds_no_markup() -> None:
    text = assemble.as_script_data({"title": HOSTILE, "line": "\u2028"})
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"title": HOSTILE, "line": "\u2028"}
