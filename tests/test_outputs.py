"""The table of docs/outputs.md, row by row: what happens to every output, whatever is there already."""

import functools
import os
import resource
import stat
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import lingauss as lg
from lingauss.analysis import report as analysis_report
from lingauss.atlas import output as atlas_output
from lingauss.atlas.run import write_atlas
from lingauss.errors import LingaussError
from lingauss.explorer import Explorer
from lingauss.report import Report
from lingauss.reproduce import output, reproduce
from lingauss.sweep.store import save, save_blocks

TABLE = [
    [cell.strip().replace("`", "") for cell in line.strip("|\n").split("|")]
    for line in (Path(__file__).parents[1] / "docs" / "outputs.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith("|---")
]
KINDS = TABLE[0][1:]
ROWS = {row[0].partition(":")[0]: dict(zip(KINDS, row[1:], strict=True)) for row in TABLE[1:]}
FIGURE = "power-law-ledger-by-rank"
OLD = b"old"


def case():
    return lg.Distillation(lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=9, label_noise=0.5))


@functools.cache
def analysis():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    return lg.analyze(X, X.sum(axis=1) + rng.standard_normal(40))


def write_page(path, force):
    Explorer("A page", "<html>new</html>").save(path)
    if not path.exists() or path.is_file():
        Report("A report", "New.", None, []).save(path)


def write_sweep(path, force):
    save(case().sweep(temperature=[0.5, 1.0]), path)


def write_blocks(path, force):
    save_blocks(case().sweep(temperature=[0.5, 1.0], chunks={"temperature": 1}), path)


def write_analysis(path, force):
    analysis().save(path.parent, force=force)


def write_figure(path, force):
    reproduce(path.parent, quick=True, only=[FIGURE], formats=["svg"], force=force)


def write_entry(path, force):
    write_atlas(["ali2019"], path.parent, formats=["svg"], force=force)


WRITERS = dict(
    zip(
        KINDS,
        [
            (write_page, "page.html"),
            (write_sweep, "sweep.nc"),
            (write_blocks, "blocks"),
            (write_analysis, "out/settings.csv"),
            (write_figure, f"out/{FIGURE}.csv"),
            (write_entry, "out/ali2019.csv"),
        ],
        strict=True,
    )
)


@pytest.fixture(autouse=True, scope="module")
def drawn_once():
    patch = pytest.MonkeyPatch()
    patch.setattr(analysis_report, "_images", functools.cache(analysis_report._images))
    for room in (output, atlas_output):
        known, draw = {}, room.drawn
        patch.setattr(room, "drawn", lambda key, *rest, k=known, d=draw: k.get(key) or k.setdefault(key, d(key, *rest)))
    yield
    patch.undo()


@contextmanager
def full_disk():
    """Let no file grow: every write fails as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def put(there, path, write):
    """Put what the row names where the output goes."""
    path.parent.mkdir(exist_ok=True)
    if there in ("plain file", "full disk"):
        write(path, False)  # an earlier result
    elif there == "symlink" and write is write_blocks:
        (path.parent / "elsewhere").mkdir()
        path.symlink_to(path.parent / "elsewhere")
    elif there == "symlink":
        (path.parent / "elsewhere").write_bytes(OLD)
        path.symlink_to(path.parent / "elsewhere")
    elif there == "device":
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
            path.open("wb").close()
        except OSError:
            pytest.skip("no devices can be made here")
    elif there == "FIFO":
        os.mkfifo(path)
    elif there in ("read-only file", "foreign file"):
        path.write_bytes(OLD)
        path.chmod(0o400 if there == "read-only file" else 0o600)


def look(path):
    """Return a stranger's view of a folder, followed into folders."""
    return {
        str(found.relative_to(path)): found.read_bytes() if found.is_file() else stat.S_IFMT(found.lstat().st_mode)
        for found in sorted(path.rglob("*"))
    }


def check(promised, there, path, write, force):
    """Write, and see that what is promised happens."""
    before = look(path.parent)
    if promised.startswith("refused"):
        error = (LingaussError, OSError)
        with full_disk() if there == "full disk" else contextmanager(lambda: (yield))(), pytest.raises(error) as found:
            write(path, force)
        assert any(word in str(found.value) for word in (str(path), path.name, str(path.parent)))
        assert look(path.parent) == before
        return
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK) if there == "FIFO" else None
    mode = path.stat().st_mode if path.exists() and path.is_file() else None
    write(path, force)
    if reader is not None:
        assert len(os.read(reader, 1 << 16)) > len(OLD)
        os.close(reader)
    assert not [name for name in os.listdir(path.parent) if name.endswith((".partial", ".unfinished"))]
    if promised == "written through":
        assert stat.S_IFMT(path.lstat().st_mode) == (stat.S_IFIFO if there == "FIFO" else stat.S_IFCHR)
    elif promised.startswith("followed"):
        assert path.is_symlink()
        assert path.is_dir() or (path.parent / "elsewhere").read_bytes() not in (OLD, b"")
        assert not path.is_dir() or any((path.parent / "elsewhere").iterdir())
    else:
        assert promised in ("made", "replaced")
        assert not path.is_symlink()
        assert path.is_dir() or path.read_bytes() not in (OLD, b"")
        assert mode is None or path.stat().st_mode == mode


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("there", ROWS)
def test_what_is_there_already_is_treated_as_the_table_says(there, kind, tmp_path):
    write, name = WRITERS[kind]
    promised, _, forced = ROWS[there][kind].partition("; forced: ")
    put(there, tmp_path / name, write)
    if there == "full disk" and write is write_blocks:
        (tmp_path / name).rename(tmp_path / "other")  # so that only the disk is in the way
    check(promised, there, tmp_path / name, write, force=False)
    if forced:
        check(forced, there, tmp_path / name, write, force=True)


def test_the_table_has_every_row_and_output():
    assert set(ROWS) == {
        "nothing",
        "plain file",
        "symlink",
        "device",
        "FIFO",
        "read-only file",
        "full disk",
        "foreign file",
    }
    assert len(KINDS) == 6
