"""How much of the library a question passes through: what a reader has to follow, and what a small design waits for."""

import sys
from pathlib import Path

import numpy as np
import pytest

import lingauss as lg

PACKAGE = str(Path(lg.__file__).parent)
LONGEST = 300  # lines of a file on the way

RANDOM = np.random.default_rng(3)
INPUTS = RANDOM.normal(size=(200, 12)) * np.geomspace(3.0, 0.1, 12)
DATA = (INPUTS, INPUTS @ np.ones(12) + RANDOM.normal(size=200))


@pytest.fixture(scope="module")
def case():
    problem = lg.Problem.from_spectrum(
        np.geomspace(100.0, 0.1, 24), np.ones(24), n_samples=50, label_noise=0.5, outputs=3
    )
    return lg.Distillation(problem, lg.Ridge(2.0), lg.Ridge(3.0, 0.25), lg.Principal(6))


def passed_through(question):
    """Return files and functions of the library that a second call of a question runs."""
    question()
    functions = set()

    def watch(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            functions.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        question()
    finally:
        sys.setprofile(before)
    return {code.co_filename for code in functions}, functions


QUESTIONS = {
    "divergence": (lambda case: case.divergence(), 12, 50),
    "gaps": (lambda case: case.gaps(), 12, 50),
    "excess_risk": (lambda case: case.excess_risk(), 12, 50),
    "sweep": (lambda case: case.sweep(student_rank=range(25)), 18, 90),
    # Many questions in one: rows are read, summarised and held out, three objectives minimised (docs/architecture.md).
    "analyze": (lambda _: lg.analyze(*DATA), 72, 500),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_passes_through_few_files_and_functions(question, case):
    ask, files, functions = QUESTIONS[question]
    found = passed_through(lambda: ask(case))
    assert (len(found[0]) <= files, len(found[1]) <= functions) == (True, True)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_file_on_the_way_is_long(question, case):
    files, _ = passed_through(lambda: QUESTIONS[question][0](case))
    lengths = {Path(name).name: len(Path(name).read_text(encoding="utf-8").splitlines()) for name in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
