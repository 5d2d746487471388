"""The command ``falsify``: its exit code tells what came of it, and what it prints can be run."""

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import command_line

CLAIMS = """
import helper_of_claims
from lingauss.testing import at_most, distillations

small = distillations(max_features=1)

def linear(case):
    return at_most(abs(case.gaps().difference), helper_of_claims.divergence(case))

def sure(case):
    return case.divergence().total

def broken(case):
    return case.divergenc()

def empty(case):
    pass

def torn(case):
    raise RuntimeError("first line\\nsecond line")
"""


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "path", list(sys.path))
    return command_line(monkeypatch, capsys, tmp_path)


@pytest.fixture
def claims(tmp_path):
    (tmp_path / "my_bound.py").write_text(CLAIMS)
    (tmp_path / "helper_of_claims.py").write_text("def divergence(case):\n    return case.divergence().total\n")
    (tmp_path / "raises.py").write_text("1 / 0\n")
    (tmp_path / "torn.py").write_text("def torn(:\n")
    (tmp_path / "text.txt").touch()


@pytest.mark.usefixtures("claims")
def test_a_refuted_claim_prints_a_script_and_exits_with_1(run):
    code, out, error = run("falsify", "my_bound.py:linear")
    assert (code, error) == (1, "")
    headline, script = out.split("\n\n", 1)
    assert headline.startswith("linear is refuted")
    Path("counterexample.py").write_text(script)
    again = subprocess.run([sys.executable, "counterexample.py"], capture_output=True, text=True, check=True)
    assert float(again.stdout) < 0


@pytest.mark.usefixtures("claims")
def test_a_claim_that_survives_exits_with_0(run):
    code, out, error = run("falsify", "my_bound.py:sure", "--cases", "30", "--seed", "3", "--over", "small")
    assert (code, error) == (0, "")
    assert out.startswith("No counterexample to sure in 30 cases.")


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["my_bound.py:sur"], "Did you mean sure"),
        (["my_bound.py:small"], "function"),
        (["my_bound.py:sure", "--over", "smal"], "Did you mean small"),
        (["my_bound.py:sure", "--over", "sure"], "strategy"),
        (["my_bound.py:sure", "--cases", "0"], "cases"),
        (["my_bound.py"], "FILE.py:FUNCTION"),
        (["nothing.py:bound"], "nothing.py"),
        (["text.txt:bound"], "text.txt"),
        ([".:bound"], "Python file"),
        (["raises.py:bound"], "ZeroDivisionError"),
        (["torn.py:torn"], "SyntaxError"),
        (["my_bound.py:broken"], "AttributeError"),
        (["my_bound.py:empty"], "None"),
        (["my_bound.py:torn"], "first line second line"),
    ],
)
def test_a_claim_that_cannot_be_found_or_judged_is_named(arguments, words, run):
    code, _, error = run("falsify", *arguments)
    assert code == 2
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert words in error


def test_falsify_says_what_its_exit_codes_mean(run):
    assert "exit code is 1" in " ".join(run("falsify", "--help")[1].split())
