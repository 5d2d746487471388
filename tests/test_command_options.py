"""Every option of every command does what the Python call does with it, and every exit code says how it went.

Commands run in this process; what they write and print is compared, byte for byte, with what the functions return.
"""

import dataclasses
import io
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sympy as sp
import typer
from command_line import command_line
from rich.console import Console

import lingauss as lg
from lingauss import atlas, cli
from lingauss.analysis.screen import show
from lingauss.atlas.run import write_atlas
from lingauss.explorer import explore
from lingauss.folders import RECORD
from lingauss.layers import Layer, allocate, load_factors, save_factors
from lingauss.reproduce import reproduce
from lingauss.symbolic import registry, verification
from lingauss.testing import falsify
from lingauss.testing.loading import UserFile


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    return command_line(monkeypatch, capsys, tmp_path)


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.name != RECORD}


# lingauss analyze


def houses(n=80):
    """Rows on which every option makes a difference: columns of unlike units, noise, a constant and a code."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(n, 5)) * [1.0, 30.0, 0.2, 5.0, 2.0]
    frame = pd.DataFrame(X, columns=["age", "income", "rooms", "depth", "width"])
    price = X @ [2.0, -0.05, 4.0, 0.1, 0.02] + 1.5 * rng.normal(size=n)
    level = np.digitize(price, np.quantile(price, [0.3, 0.7]))
    return frame.assign(price=price, level=level, rent=3.0 * frame.age + rng.normal(size=n))


PLAIN = {"exclude": ["level", "rent"]}
# Command-line words, the keywords of lingauss.analyze that mean the same, and changes of the table.
ANALYZE = {
    "targets": (["--targets", "rent", "--exclude", "level,price"],
                {"targets": ["rent"], "exclude": ["level", "price"]}),
    "targets-repeated": (["--targets", "price", "--targets", "rent", "--exclude", "level"],
                {"targets": ["price", "rent"], "exclude": ["level"]}),
    "features": (["--features", "age,rooms"], {"features": ["age", "rooms"], "exclude": []}),
    "exclude": (["--exclude", "level,rent,income"], {"exclude": ["level", "rent", "income"]}),
    "tolerance": (["--tolerance", "40%"], {"tolerance": 0.4}),
    "tolerance-above-one": (["--tolerance", "150%"], {"tolerance": "150%"}),
    "tolerance-share": (["--tolerance", "0.4"], {"tolerance": 0.4}),
    "rank-budget": (["--rank-budget", "1"], {"rank_budget": 1}),
    "objective": (["--objective", "divergence", "--tolerance", "60%"],
                  {"objective": "divergence", "tolerance": 0.6}),
    "bottleneck": (["--bottleneck", "features"], {"bottleneck": "features"}),
    "penalty": (["--penalty", "70"], {"penalty": 70.0}),
    "noise": (["--noise", "4.5"], {"label_noise": 4.5}),
    "leave-one-out": (["--leave-one-out"], {"leave_one_out": True}),
    "student-penalty": (["--student-penalty", "33"], {"student_penalty": 33.0}),
    "student-temperature": (["--student-temperature", "0.5"], {"student_temperature": 0.5}),
    "mixing": (["--mixing", "0.5"], {"mixing": 0.5}),
    "draws": (["--draws", "6", "--student-temperature", "0.5"], {"draws": 6, "student_temperature": 0.5}),
    "keep-units": (["--keep-units"], {"standardise": False}),
    "classes": (["--targets", "level", "--classes", "--exclude", "price,rent"],
                {"targets": ["level"], "classes": True, "exclude": ["price", "rent"]}),
    "drop-missing": (["--drop-missing"], {"drop_missing": True}),
    "drop-constant": (["--drop-constant"], {"drop_constant": True}),
    "missing": (["--missing", "-999", "--drop-missing"], {"missing": ["-999"], "drop_missing": True}),
    "separator": (["--separator", ";"], {"separator": ";"}),
    "decimal": (["--decimal", ",", "--separator", "tab"], {"decimal": ",", "separator": "tab"}),
    "encoding": (["--encoding", "latin-1"], {"encoding": "latin-1"}),
    "no-header": (["--no-header", "--targets", "5", "--exclude", "6,7"],
                  {"header": False, "targets": ["5"], "exclude": ["6", "7"]}),
}  # fmt: skip
WITHOUT = {  # options whose absence is refused on the same file, by these words
    "drop-missing": "--drop-missing", "drop-constant": "--drop-constant", "missing": "", "separator": "",
    "decimal": "", "encoding": "", "no-header": "", "classes": "",
}  # fmt: skip


BESIDE = {"objective": ["--tolerance", "60%"], "draws": ["--student-temperature", "0.5"]}  # what it is compared under


def written(name, folder):
    """The file of one option: as it needs it."""
    frame, path = houses(), folder / "houses.csv"
    if name == "drop-missing":
        frame.loc[[3, 17], "age"] = np.nan
    if name == "drop-constant":
        frame["age"] = 3.0
    if name == "missing":
        frame.loc[[3, 17, 20], "age"] = -999
    if name == "separator":
        frame.to_csv(path, index=False, sep=";")
    elif name == "decimal":
        frame.to_csv(path, index=False, sep="\t", decimal=",")
    elif name == "encoding":
        frame.rename(columns={"depth": "Tiefe ü"}).to_csv(path, index=False, encoding="latin-1")
    else:
        frame.to_csv(path, index=False, header=name != "no-header")
    return path


@pytest.fixture
def no_pictures(monkeypatch):
    """Charts have tests of their own, and take a second each."""
    monkeypatch.setattr("lingauss.analysis.report._images", lambda found: {})


def printed(analysis, details=False):
    screen = io.StringIO()
    show(analysis, Console(file=screen, width=100), details)
    return screen.getvalue()


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("name", list(ANALYZE))
def test_an_option_of_analyze_is_the_keyword_of_the_call(name, run, tmp_path):
    words, keywords = ANALYZE[name]
    path = written(name, tmp_path)
    words = [*([] if "--targets" in words else ["--targets", "price"]), *words]
    words += [] if {"--exclude", "--features"} & set(words) else ["--exclude", "level,rent"]
    code, out, error = run("analyze", path.name, *words, "--out", "by-command")
    assert (code, error) == (0, "")
    settings = {"targets": ["price"], **PLAIN, **keywords}
    analysis = lg.analyze(Path(path.name), **settings)
    analysis.save("by-call")
    assert contents("by-command") == contents("by-call")
    assert out.startswith(printed(analysis))
    if name in WITHOUT:
        rest = [word for word in words if word not in ANALYZE[name][0] or word in ("--targets", "--exclude")]
        if name in ("no-header", "classes"):
            rest = ["--targets", "level" if name == "classes" else "5"]
        refused = run("analyze", path.name, *rest, "--out", "refused")
        if refused[0] == 2:
            assert WITHOUT[name] in refused[2]
        else:  # numbers that mean something else without the option
            assert contents("refused") != contents("by-command")
    else:
        words = BESIDE.get(name, [])
        plain = run("analyze", path.name, "--targets", "price", "--exclude", "level,rent", *words, "--out", "plain")
        assert plain[0] == 0
        assert contents("plain") != contents("by-command")


@pytest.mark.usefixtures("no_pictures")
def test_details_out_and_force_of_analyze(run, tmp_path):
    path = written("", tmp_path)
    words = ["analyze", path.name, "--targets", "price", "--exclude", "level,rent"]
    code, out, _ = run(*words)
    assert code == 0
    assert (tmp_path / "houses-analysis" / "report.html").exists()
    analysis = lg.analyze(Path(path.name), ["price"], **PLAIN)
    detailed = run(*words, "--details", "--out", "elsewhere")
    assert detailed[1].startswith(printed(analysis, details=True))
    assert printed(analysis, details=True) != printed(analysis)
    assert contents("elsewhere") == contents("houses-analysis")
    count = len(contents("elsewhere"))
    assert detailed[1].splitlines()[-1].startswith(f"{count} files in elsewhere; start with report.html")
    (tmp_path / "elsewhere" / "report.html").write_text("mine")
    assert run(*words, "--out", "elsewhere")[0] == 2
    assert (tmp_path / "elsewhere" / "report.html").read_text() == "mine"
    assert run(*words, "--out", "elsewhere", "--force")[0] == 0
    assert contents("elsewhere") == contents("houses-analysis")
    assert "lingauss predict houses-analysis/student.npz" in out


@pytest.mark.usefixtures("no_pictures")
def test_what_is_so_anyway_may_be_said_and_changes_nothing(run, tmp_path):
    """The defaults that help tells in words, and switches that are on."""
    path = written("", tmp_path)
    words = ["--targets", "price", "--exclude", "level,rent"]
    assert run("analyze", path.name, *words, "--out", "plain")[0] == 0
    said = [["--standardise", "--header", "--decimal", ".", "--encoding", "utf-8", "--separator", ",", "--draws", "1"]]
    said += [["--tolerance", "5%", "--objective", "excess_risk", "--student-temperature", "0", "--rank-budget", "5"]]
    said += [["--features", "age,income,rooms,depth,width"]]
    said += [["--student-penalty", repr(lg.analyze(path.name, "price", **PLAIN).faithful.teacher.penalty)]]
    for more in said:
        assert run("analyze", path.name, *words, *more, "--out", "said")[0] == 0
        assert contents("said") == contents("plain"), more
    assert run("explore", path.name, *words, "--no-open", "--out", "plain.html")[0] == 0
    assert run("explore", path.name, *words, "--header", "--no-open", "--out", "said.html")[0] == 0
    assert Path("plain.html").read_bytes() == Path("said.html").read_bytes()
    assert run("predict", "plain/student.npz", path.name, "--out", "plain.csv")[0] == 0
    assert run("predict", "plain/student.npz", path.name, "--header", "--out", "said.csv")[0] == 0
    assert Path("plain.csv").read_bytes() == Path("said.csv").read_bytes()


def words_in(thing):
    """All texts in the constants of a function, or in a table."""
    if isinstance(thing, types.CodeType):
        return words_in(thing.co_consts)
    if isinstance(thing, dict):
        return words_in(list(thing.values()))
    if isinstance(thing, tuple | list):
        return set().union(*map(words_in, thing)) if thing else set()
    return {thing} if isinstance(thing, str) else set()


def exercised(command):
    """The options that tests of this module put to a command, themselves or through the tables that they go through."""
    found = set()
    for name, test in globals().items():
        if name.startswith("test_") and command in words_in(test.__code__):
            tables = [globals().get(used) for used in test.__code__.co_names if used.isupper()]
            found |= words_in(test.__code__) | words_in(tables)
    return found


@pytest.mark.parametrize("command", typer.main.get_command(cli.app).commands.values(), ids=lambda command: command.name)
def test_every_option_of_every_command_is_put_to_the_test(command):
    """A new option fails here until a test runs the command with it."""
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    missing = {name for name in options if name.startswith("--")} - exercised(command.name)
    assert not missing


# lingauss predict


@pytest.fixture
def student(tmp_path):
    analysis = lg.analyze(houses(), "price", **PLAIN)
    analysis.student().save(tmp_path / "student.npz")
    return tmp_path / "student.npz"


NEW = {
    "plain": ([], {}),
    "missing": (["--missing", "-999"], {"na_values": [-999]}),
    "separator": (["--separator", ";"], {"sep": ";"}),
    "decimal": (["--decimal", ",", "--separator", "tab"], {"decimal": ",", "sep": "\t"}),
    "space": (["--separator", "space"], {"sep": " "}),
    "encoding": (["--encoding", "latin-1"], {"encoding": "latin-1"}),
}


@pytest.mark.parametrize("name", list(NEW))
def test_predictions_are_the_students_whatever_the_file_is_written_like(name, run, student, tmp_path):
    words, how = NEW[name]
    new, path = houses(9).iloc[:, ::-1].assign(note="é"), tmp_path / "new.csv"
    writing = {key: value for key, value in how.items() if key != "na_values"}
    new.to_csv(path, index=False, **writing)
    loaded = lg.load_student(student)
    expected = np.asarray(loaded.predict(new[list(loaded.features)])).reshape(9)
    code, out, error = run("predict", student, path.name, *words, "--out", "told.csv")
    assert (code, error) == (0, "")
    found = pd.read_csv("told.csv")
    assert list(found) == ["price"]
    np.testing.assert_allclose(found["price"], expected, rtol=1e-9)
    assert out == f"9 predictions in told.csv; {loaded.expected()}\n"
    code, screen, error = run("predict", student, path.name, *words)
    assert code == 0
    assert screen == Path("told.csv").read_text()
    assert error == f"9 predictions; {loaded.expected()}\n"
    if name not in ("plain", "missing"):
        assert run("predict", student, path.name)[0] == 2
    if name == "missing":
        new.loc[2, "age"] = -999
        new.to_csv(path, index=False)
        assert run("predict", student, path.name)[0] == 0
        assert run("predict", student, path.name, *words)[0] == 2


def test_predictions_of_a_file_without_header_need_the_option(run, tmp_path):
    frame = houses()[["age", "rooms", "price"]]
    (tmp_path / "rows.csv").write_text(frame.to_csv(index=False, header=False))
    lg.analyze(tmp_path / "rows.csv", "2", header=False).student().save(tmp_path / "student.npz")
    code, out, _ = run("predict", "student.npz", "rows.csv", "--no-header")
    assert code == 0
    expected = lg.load_student(tmp_path / "student.npz").predict(frame[["age", "rooms"]].to_numpy())
    np.testing.assert_allclose(pd.read_csv(io.StringIO(out))["2"], np.asarray(expected).reshape(-1), rtol=1e-9)
    assert run("predict", "student.npz", "rows.csv")[0] == 2


# lingauss explore


EXPLORE = {
    "targets": ANALYZE["targets"],
    "features": ANALYZE["features"],
    "exclude": ANALYZE["exclude"],
    "classes": ANALYZE["classes"],
    "drop-missing": ANALYZE["drop-missing"],
    "drop-constant": ANALYZE["drop-constant"],
    "missing": ANALYZE["missing"],
    "separator": ANALYZE["separator"],
    "decimal": ANALYZE["decimal"],
    "encoding": ANALYZE["encoding"],
    "no-header": ANALYZE["no-header"],
    "observed": (["--observed"], {}),
}


@pytest.mark.parametrize("name", list(EXPLORE))
def test_an_option_of_explore_is_the_keyword_of_the_call(name, run, tmp_path):
    words, keywords = EXPLORE[name]
    path = written(name, tmp_path)
    words = [*([] if "--targets" in words else ["--targets", "price"]), *words]
    words += [] if {"--exclude", "--features"} & set(words) else ["--exclude", "level,rent"]
    code, out, error = run("explore", path.name, *words, "--out", "page.html", "--no-open")
    assert (code, error) == (0, "")
    assert out == "page.html: open it in a browser; it needs no network\n"
    analysis = lg.analyze(Path(path.name), **{"targets": ["price"], **PLAIN, **keywords})
    design = analysis.faithful.replace(problem=analysis.observed) if name == "observed" else analysis.faithful
    assert Path("page.html").read_text(encoding="utf-8") == explore(design, title="houses.csv").html
    if name == "observed":
        assert explore(analysis.faithful, title="houses.csv").html != explore(design, title="houses.csv").html


def test_explore_opens_a_browser_unless_asked_not_to(run, monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr("lingauss.explorer.explorer.open_in_browser", lambda path: shown.append(path) or True)
    code, out, _ = run("explore")
    assert (code, out) == (0, "explorer.html\n")
    assert shown == [Path("explorer.html")]
    assert Path("explorer.html").read_text(encoding="utf-8") == explore().html
    code, out, _ = run("explore", "--no-open", "--out", "other.html")
    assert out.startswith("other.html: open it")
    assert len(shown) == 1


# lingauss reproduce


def test_options_of_reproduce_are_those_of_the_call(run, tmp_path):
    name, other = "power-law-ledger-by-rank", "power-law-rank-noise-map"
    code, out, error = run(
        "reproduce", "--quick", "--only", name, "--only", other, "--format", "svg, pdf", "--out", "a"
    )
    assert (code, error) == (0, "")
    reproduce("b", quick=True, only=[name, other], formats=["svg", "pdf"])
    assert contents("a") == contents("b")
    assert {path.suffix for path in Path("a").iterdir()} >= {".svg", ".pdf", ".csv", ".nc", ".txt"}
    assert name in out
    assert "10 files in a; 0 of 2 figures stay as they were" in out
    assert run("reproduce", "--quick", "--only", name)[0] == 0
    kinds = {path.partition(".")[2] for path in contents("figures") if path.startswith(name)}
    assert kinds == {"png", "svg", "csv", "nc", "txt"}
    (tmp_path / "a" / f"{name}.csv").write_text("mine")
    again = ("reproduce", "--quick", "--only", name, "--format", "svg", "--out", "a")
    refused = run(*again)
    assert refused[0] == 2
    assert f"{name}.csv" in refused[2]
    assert (tmp_path / "a" / f"{name}.csv").read_text() == "mine"
    assert run(*again, "--force")[0] == 0
    assert contents("a")[f"{name}.csv"] == contents("b")[f"{name}.csv"]


def test_quick_figures_are_of_coarser_grids(run):
    name = "power-law-rank-noise-map"
    for folder, words in (("quick", ["--quick"]), ("full", [])):
        assert run("reproduce", *words, "--only", name, "--format", "png", "--out", folder)[0] == 0
    quick, full = (pd.read_csv(f"{folder}/{name}.csv")["label_noise"].nunique() for folder in ("quick", "full"))
    assert (quick, full) == (13, 81)


# lingauss verify


@pytest.fixture
def planted(monkeypatch):
    """A derivation whose formula is twice the true one, among those that hold."""
    true = registry.derivation("langevin_stationary_variance")
    lhs, rhs = true.statement.args
    false = dataclasses.replace(true, statement=sp.Eq(lhs, 2 * rhs, evaluate=False))
    known = verification.derivation
    monkeypatch.setattr(verification, "derivation", lambda name: false if name == true.name else known(name))
    return true.name


def test_verify_says_which_derivation_is_false_and_exits_with_1(run, planted):
    code, out, error = run("verify", planted)
    assert (code, error) == (1, "")
    lines = out.splitlines()
    assert lines[0].split()[:2] == ["1/1", "FAIL"]
    assert lines[0].split()[-1] == planted
    assert lines[1].strip()
    assert lines[-1].startswith("0 of 1 derivations verified in ")
    holds = "sub_gaussian_bound" if "sub_gaussian_bound" in registry.names() else registry.names()[0]
    code, out, _ = run("verify", holds, planted)
    assert code == 1
    assert [line.split()[1:2] for line in out.splitlines()[:2]] == [["pass"], ["FAIL"]]
    assert out.splitlines()[-1].startswith("1 of 2 derivations verified in ")


def test_verify_exits_with_0_where_all_hold_and_with_2_where_there_is_none(run):
    code, out, error = run("verify", "langevin_stationary_variance")
    assert (code, error) == (0, "")
    assert out.splitlines()[0].split()[:2] == ["1/1", "pass"]
    assert "FAIL" not in out
    assert out.splitlines()[-1].startswith("1 of 1 derivations verified in ")
    code, _, error = run("verify", "langevin_stationary_varianc")
    assert code == 2
    assert "Did you mean langevin_stationary_variance" in error


def test_verify_verifies_everything_where_nothing_is_named(run, monkeypatch):
    asked = []

    def pretend(wanted):
        asked.extend(wanted)
        return iter([verification.Verification(name, True, 0.25, "") for name in wanted])

    monkeypatch.setattr("lingauss.symbolic.verify_each", pretend)
    code, out, _ = run("verify")
    count = len(registry.names())
    assert code == 0
    assert asked == list(registry.names())
    assert out.splitlines()[-1] == f"{count} of {count} derivations verified in {0.25 * count:.1f} s"
    assert [line.split()[-1] for line in out.splitlines()[:-1]] == list(registry.names())


# lingauss falsify


CLAIMS = """
import time
from lingauss.testing import at_most, distillations

small = distillations(max_features=1)

def nearly(case):
    return -1e-6

def sure(case):
    return case.divergence().total

def slow(case):
    time.sleep(0.05)
    return case.divergence().total

def far(case):
    return 1e9 - case.divergence().total

def false(case):
    return at_most(1.0, case.divergence().total)
"""
FALSIFY = {
    "cases": (["my.py:sure", "--cases", "7"], {"cases": 7}, 0),
    "seed": (["my.py:far", "--cases", "5", "--seed", "4"], {"cases": 5, "seed": 4}, 0),
    "over": (["my.py:sure", "--cases", "20", "--over", "small"], {"cases": 20, "over": "small"}, 0),
    "tolerance": (["my.py:nearly", "--cases", "9", "--tolerance", "1e-5"], {"cases": 9, "tolerance": 1e-5}, 0),
    "seconds": (["my.py:sure", "--cases", "40", "--seconds", "100"], {"cases": 40, "seconds": 100.0}, 0),
}


@pytest.fixture
def claims(tmp_path):
    (tmp_path / "my.py").write_text(CLAIMS)


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize("name", list(FALSIFY))
def test_an_option_of_falsify_is_the_keyword_of_the_call(name, run):
    words, keywords, code = FALSIFY[name]
    found = run("falsify", *words)
    claim = words[0].partition(":")[2]
    file = UserFile.run(Path("my.py"))
    settings = {key: file.get(value) if key == "over" else value for key, value in keywords.items()}
    result = falsify(file.get(claim), obtain=file.statements(claim), **settings)
    assert (found[0], found[1]) == (code, f"{result!r}\n")
    assert bool(result) == bool(code)


@pytest.mark.usefixtures("claims")
def test_other_values_of_the_options_of_falsify_find_something_else(run):
    assert run("falsify", "my.py:nearly", "--cases", "9")[0] == 1
    assert "9 cases" in run("falsify", "my.py:sure", "--cases", "9")[1]
    seeds = [run("falsify", "my.py:far", "--cases", "5", "--seed", seed)[1] for seed in (4, 5)]
    assert seeds[0] != seeds[1]
    stopped = run("falsify", "my.py:slow", "--seconds", "0.4")
    assert stopped[0] == 0
    assert "when time ran out" in stopped[1]
    code, out, _ = run("falsify", "my.py:false", "--cases", "50")
    assert code == 1
    assert out.startswith("false is refuted")
    assert run("falsify", "my.py:absent")[0] == 2


# lingauss layers


@pytest.fixture
def factors(tmp_path):
    rng = np.random.default_rng(0)
    sizes = {"a": (8, 6), "b": (5, 8), "c": (3, 5)}
    layers = {}
    for name, (outputs, inputs) in sizes.items():
        moment, rows = np.diag(2.0 ** -np.arange(inputs)), 40 if name == "b" else 900
        weight = rng.normal(size=(outputs, inputs))
        layers[name] = Layer.from_factors(weight, moment, np.eye(outputs), count=900, rows=rows)
    save_factors(tmp_path / "factors.npz", layers)
    return tmp_path / "factors.npz"


@pytest.mark.parametrize(("keep", "unit"), [("0.6", None), ("0.8", None), ("0.6", "flops")])
def test_options_of_layers_are_those_of_the_call(keep, unit, run, factors):
    words = ["--keep", keep, *(["--unit", unit] if unit else [])]
    code, out, error = run("layers", factors, *words)
    assert (code, error) == (0, "")
    plan = allocate(load_factors(factors), float(keep), unit or "parameters")
    assert out == f"{plan!r}\n"
    code, out, _ = run("layers", factors, *words, "--out", "plan.npz")
    low = [name for name, rank in plan.ranks.items() if rank is not None]
    assert (code, out) == (0, f"{plan!r}\n{len(low)} layers of low rank in plan.npz\n")
    with np.load("plan.npz") as kept:
        assert {key.partition(".")[0] for key in kept} == set(low)
        for name in low:
            found = plan.factors(name)
            np.testing.assert_array_equal(kept[f"{name}.0.weight"], found.right)
            np.testing.assert_array_equal(kept[f"{name}.1.weight"], found.left)


def test_layers_of_another_unit_or_share_are_other_plans(run, factors):
    told = {words: run("layers", factors, "--keep", words[0], "--unit", words[1])[1]
            for words in (("0.6", "parameters"), ("0.8", "parameters"), ("0.6", "flops"))}  # fmt: skip
    assert len(set(told.values())) == 3
    assert run("layers", factors, "--keep", "0.6", "--unit", "weights")[0] == 2
    assert run("layers", factors, "--keep", "1.5")[0] == 2
    assert run("layers", factors)[0] == 2  # the share has no default
    assert run("layers", "absent.npz", "--keep", "0.5")[0] == 2


# lingauss atlas


def test_options_of_atlas_are_those_of_the_call(run, monkeypatch):
    code, out, error = run("atlas", "ali2019", "--format", "svg, pdf", "--out", "a")
    assert (code, error) == (0, "")
    assert write_atlas(["ali2019"], "b", formats=["svg", "pdf"]) == 0
    assert contents("a") == contents("b")
    assert "1.6859091" in out
    assert run("atlas", "ali2019", "--set", "time=2", "--format", "svg", "--out", "moved")[0] == 0
    write_atlas(["ali2019"], "c", changes={"time": 2.0}, formats=["svg"])
    assert contents("moved") == contents("c")
    assert contents("moved")["ali2019.csv"] != contents("a")["ali2019.csv"]
    Path("moved/ali2019.csv").write_text("mine")
    again = ("atlas", "ali2019", "--set", "time=2", "--format", "svg", "--out", "moved")
    assert run(*again)[0] == 2
    assert run(*again, "--force")[0] == 0
    assert contents("moved") == contents("c")
    for module in ("lingauss.atlas.catalogue", "lingauss.atlas.run"):
        monkeypatch.setattr(f"{module}.names", lambda: ("ali2019",))
    assert run("atlas", "--all")[0] == 0
    assert {"atlas.html", "ali2019.png", "ali2019.svg"} <= contents("atlas").keys()


def test_exit_codes_of_atlas_say_whether_every_target_is_met(run, monkeypatch):
    code, out, _ = run("atlas")
    assert code == 0
    assert "ali2019" in out
    assert run("atlas", "absent")[0] == run("atlas", "--set", "time=2")[0] == run("atlas", "ali2019", "--all")[0] == 2
    true = atlas.entry("ali2019")
    missed = atlas.Target("sharp", "1.6862", atlas.Origin.PRINTED)
    wrong = dataclasses.replace(true, targets=(*true.targets, missed))
    monkeypatch.setattr("lingauss.atlas.run.entry", lambda name: wrong)
    assert run("atlas", "ali2019", "--format", "svg", "--out", "wrong")[0] == 1


def test_exit_codes_of_the_program_itself(run):
    assert run("--version")[:2] == (0, f"lingauss {lg.__version__}\n")
    assert run("--help")[0] == 0
    assert run("nonsense")[0] == 2
    assert run("analyze", "--nonsense")[0] == 2
