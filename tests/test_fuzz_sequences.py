"""Random calls on public objects, one after the other, end in typed errors or in answers; faults would be seen."""

import math
import time
from collections import Counter

import pytest
import sequences

import lingauss as lg


@pytest.fixture(autouse=True)
def quiet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROWSER", "false")


@pytest.mark.parametrize("block", range(4))
def test_sequences_of_calls_end_in_typed_errors_or_answers(block):
    ends = Counter()
    for number in range(40 * block, 40 * (block + 1)):
        found, complaint = sequences.run(11, number)
        assert not complaint
        ends.update(found)
    assert ends["answer"] > 100
    assert len(ends) > 4


def hang(problem):
    time.sleep(60)


def hoard(problem):
    return bytearray(b"x") * (sequences.MEMORY + 10**8)


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (lambda problem: {}["a"], "KeyError"),
        (lambda problem: math.nan, "NaN"),
        (lambda problem: [1.0, (1.0, {"a": math.nan})], "NaN"),
        (hang, "hang"),
    ],
)
def test_a_planted_fault_is_seen(fault, complaint, monkeypatch):
    monkeypatch.setattr(sequences, "SECONDS", 1)
    monkeypatch.setattr(lg.Problem, "with_truth", lambda self, truth: fault(self))
    monkeypatch.setattr(sequences.Sequence, "_choose", lambda self: (problem, "with_truth", problem.with_truth))
    problem = lg.Problem.from_spectrum([1.0], [1.0], n_samples=2, label_noise=1.0)
    ends, told = sequences.run(0, 0)
    assert complaint in told
    assert "Problem.with_truth(truth=" in told
    assert len(ends) == 1


def test_memory_beyond_the_limit_is_seen(monkeypatch):
    monkeypatch.setattr(sequences, "MEMORY", 10**8)
    monkeypatch.setattr(lg.Problem, "with_truth", lambda self, truth: hoard(self))
    monkeypatch.setattr(sequences.Sequence, "_choose", lambda self: (problem, "with_truth", problem.with_truth))
    problem = lg.Problem.from_spectrum([1.0], [1.0], n_samples=2, label_noise=1.0)
    assert "more than" in sequences.run(0, 0)[1]
