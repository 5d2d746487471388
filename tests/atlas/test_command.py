"""The command of the atlas: what it prints, writes and returns."""

import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
import typer
import xarray as xr

from lingauss import atlas
from lingauss.atlas import output, run
from lingauss.atlas.catalogue import entry
from lingauss.cli.atlas import atlas as atlas_command
from lingauss.errors import DomainError, ForeignFileError, LingaussError
from lingauss.folders import RECORD


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "lingauss", "atlas", *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def with_wrong_target():
    true = entry("ali2019")
    return replace(true, targets=(*true.targets, atlas.Target("sharp", "1.6862", atlas.Origin.PRINTED)))


def test_all_entries_are_listed(capsys):
    atlas_command()
    told = capsys.readouterr().out
    for name in atlas.names():
        assert name in told


def test_an_entry_is_drawn_compared_and_written(tmp_path):
    done = command("ali2019", "--out", tmp_path / "out", "--format", "svg")
    assert done.returncode == 0, done.stderr
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {RECORD, "ali2019-targets.csv", *(f"ali2019.{kind}" for kind in ("svg", "csv", "nc", "txt", "py"))}
    found = entry("ali2019").compute()
    targets = [line.split() for line in done.stdout.splitlines() if line.endswith(" met")]
    assert len(targets) == len(entry("ali2019").targets)
    for (name, target, computed, difference, *_), told in zip(targets, entry("ali2019").targets, strict=True):
        exact = float(found[name].sel(told.at))
        assert (name, target) == (told.variable, told.value)
        assert float(computed) == pytest.approx(exact, abs=6e-8)
        assert float(difference) == pytest.approx(exact - float(target), rel=0.05)
    with xr.open_dataset(tmp_path / "out/ali2019.nc", engine="scipy") as kept:
        xr.testing.assert_equal(kept.load(), found)
    table = pd.read_csv(tmp_path / "out/ali2019.csv").set_index(["variable", "curvature"])["value"]
    assert table["tuned"].to_numpy() == pytest.approx(found["tuned"].to_numpy(), rel=1e-9)
    assert (tmp_path / "out/ali2019.py").read_text(encoding="utf-8") == f"{entry('ali2019').to_python()}\n"


def test_a_changed_parameter_changes_the_figure_and_judges_nothing(tmp_path, capsys):
    for folder, settings in (("own", None), ("changed", ["time=2"])):
        atlas_command("ali2019", settings=settings, out=tmp_path / folder, formats="svg")
    told = capsys.readouterr().out.split("files in")[1].split()
    assert "Targets hold at the entry's own parameters alone" in " ".join(told)
    assert "met" not in told
    pictures = [(tmp_path / folder / "ali2019.svg").read_bytes() for folder in ("own", "changed")]
    assert pictures[0] != pictures[1]
    assert not (tmp_path / "changed/ali2019-targets.csv").exists()


def test_a_missed_target_is_exit_code_1(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "entry", lambda name: with_wrong_target())
    with pytest.raises(typer.Exit) as error:
        atlas_command("ali2019", out=tmp_path, formats="svg")
    assert error.value.exit_code == 1


def test_a_missed_target_is_told_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "entry", lambda name: with_wrong_target())
    assert run.write_atlas(["ali2019"], tmp_path, formats=["svg"]) == 1
    table = pd.read_csv(tmp_path / "ali2019-targets.csv")
    assert table["met"].tolist() == [True, True, True, False]
    assert table["computed"].to_numpy() == pytest.approx([1.6859091, 1.6859091, 1.2146618, 1.6859091], abs=1e-7)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "pareek"}, ["'pareek'", "Did you mean pareek2024"]),
        ({"name": "das2023", "settings": ["penalti=1"]}, ["'penalti'", "Did you mean penalty?"]),
        ({"name": "das2023", "settings": ["penalty=-1"]}, ["ridge penalty λ of teacher", "0.001 to 100", "got -1"]),
        ({"name": "das2023", "settings": ["penalty"]}, ["'penalty'", "NAME=NUMBER"]),
        ({"name": "das2023", "settings": ["penalty=much"]}, ["'penalty=much'", "NAME=NUMBER"]),
        ({"name": "das2023", "formats": "pgn"}, ["'pgn'", "Did you mean png"]),
        ({"name": "das2023", "every": True}, ["--all and one entry"]),
        ({"settings": ["penalty=1"]}, ["--set without an entry"]),
        ({"every": True, "settings": ["penalty=1"]}, ["changed parameters of one entry"]),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(tmp_path, arguments, words):
    with pytest.raises(LingaussError) as error:
        atlas_command(**arguments, out=tmp_path / "out")
    for word in words:
        assert word in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_bad_input_ends_in_one_line(tmp_path):
    done = command("pareek", "--out", tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Did you mean pareek2024" in done.stderr


def test_files_of_others_stay(tmp_path):
    (tmp_path / "ali2019.txt").write_text("mine")
    with pytest.raises(ForeignFileError):
        run.write_atlas(["ali2019"], tmp_path, formats=["svg"])
    assert [path.name for path in tmp_path.iterdir()] == ["ali2019.txt"]
    assert run.write_atlas(["ali2019"], tmp_path, formats=["svg"], force=True) == 0


def test_all_entries_make_one_page_and_earlier_ones_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "names", lambda: ("ali2019", "bu2020"))
    run.write_atlas(["ali2019"], tmp_path, formats=["svg"])
    assert run.write_atlas(["ali2019", "bu2020"], tmp_path, formats=["svg"]) == 0
    page = (tmp_path / output.REPORT).read_text(encoding="utf-8")
    for name in ("ali2019", "bu2020"):
        assert entry(name).setting.split(":")[0] in page
        assert (tmp_path / f"{name}.csv").exists()


def test_changes_are_for_one_entry(tmp_path):
    with pytest.raises(DomainError, match="changed parameters of one entry"):
        run.write_atlas(["ali2019", "bu2020"], tmp_path, changes={"noise": 1.0})
