"""Every cell of the tables in docs/singular-laws.md."""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import errors
from lingauss.model.bottleneck import complement

PAGE = Path(__file__).parents[1] / "docs" / "singular-laws.md"
U, V = np.array([1.0, 2.0]), np.array([1.0, 0.0])


def table(heading):
    """Return the rows of the table under a heading as lists of cells, its header first."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [rows[0], *rows[2:]]


def law(name):
    shape, _, move = name.rpartition(" ") if name.endswith((" along", " off")) else (name, "", "")
    covariances = {
        "plane": np.eye(2),
        "wider plane": 2.0 * np.eye(2),
        "line": np.outer(U, U),
        "wider line": 2.0 * np.outer(U, U),
        "other line": np.outer(V, V),
        "point": np.zeros((2, 2)),
    }
    return lg.Gaussian({"": 0.0 * U, "along": U, "off": V}[move], covariances[shape])


def agree(cell, value):
    if cell == "+inf":
        return value == math.inf
    return math.isclose(float(cell), value, rel_tol=5e-6, abs_tol=1e-15)


MEASURES = {
    "kl(p, q)": lg.kl,
    "kl(q, p)": lambda p, q: lg.kl(q, p),
    "renyi(p, q, ½)": lambda p, q: lg.renyi(p, q, 0.5),
    "renyi(p, q, 2)": lambda p, q: lg.renyi(p, q, 2.0),
    "wasserstein2": lg.wasserstein2,
}


@pytest.mark.parametrize("row", table("Two laws")[1:], ids=lambda row: " / ".join(row[:2]))
def test_divergences_of_two_laws_are_those_of_the_table(row):
    p, q = law(row[0]), law(row[1])
    for name, cell in zip(table("Two laws")[0][2:], row[2:], strict=True):
        value = MEASURES[name](p, q)
        assert agree(cell, value), (name, value)
    assert agree(str(lg.jeffreys(p, q)).replace("inf", "+inf"), lg.kl(p, q) + lg.kl(q, p))


@pytest.mark.parametrize("row", table("The ledger of two laws")[1:], ids=lambda row: " / ".join(row[:2]))
def test_ledgers_of_two_laws_are_those_of_the_table(row):
    ours = lg.ledger(law(row[0]), law(row[1]), subspace=[[1.0], [1.0]])
    values = [ours.bias, ours.cells[0, 2], ours.cells[1, 0], ours.cells[1, 2], ours.total]
    assert all(map(agree, row[2:], values)), values
    divergence = lg.kl(law(row[0]), law(row[1]))
    assert ours.total == divergence or math.isclose(ours.total, divergence, rel_tol=1e-12)


PROBLEM = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 1.0], n_samples=6, label_noise=0.5)


def design(teacher=1.0, student=1.0, penalty=0.5, mixing=0.0, **more):
    return lg.Distillation(PROBLEM, lg.Ridge(0.5, teacher), lg.Ridge(penalty, student), mixing=mixing, **more)


DESIGNS = {
    "as it is": design(),
    "hard bottleneck of rank 2": design(bottleneck=lg.Principal(2), floor=0.0),
    "hard bottleneck of rank 3": design(bottleneck=lg.Principal(3), floor=0.0),
    "deterministic student": design(student=0.0),
    "deterministic student, sampled soft labels": design(student=0.0, mixing=1.0),
    "deterministic teacher": design(teacher=0.0),
    "both deterministic, alike": design(teacher=0.0, student=0.0),
    "both deterministic, other penalty": design(teacher=0.0, student=0.0, penalty=2.0),
}


@pytest.mark.parametrize("row", table("Designs")[1:], ids=lambda row: row[0])
@pytest.mark.parametrize("dense", [False, True], ids=["eigenbasis", "dense"])
def test_designs_are_those_of_the_table(row, dense):
    case = DESIGNS[row[0]]
    if dense:
        gram = lg.Problem.from_gram(np.diag([4.0, 1.0, 0.25]), n_samples=6, truth=np.ones(3), label_noise=0.5)
        case = case.replace(problem=gram, bottleneck=lg.Subspace(np.eye(3)[:, : case.rank]))
    ours = case.divergence()
    values = [ours.bias, ours.total, case.prediction_divergence().total]
    assert all(map(agree, row[1:], values)), values


def ridge(penalty=1.0, temperature=1.0, gram=(4.0, 1.0, 0.0), **more):
    problem = lg.Problem.from_spectrum(gram, np.ones(3), n_samples=6, label_noise=0.5)
    return lg.Distillation(problem, student=lg.Ridge(penalty, temperature), **more)


def too_close_to_singular():
    problem = lg.Problem.from_gram(np.diag([1e9, 1.0, 1e-9]), n_samples=9, truth=np.ones(3), label_noise=1.0)
    basis = lg.Subspace(np.array([[1.0, 0.5], [0.5, -1.0], [1.0, 1.0]]))
    return lg.Distillation(problem, lg.Ridge(1e-8), lg.Ridge(1e-8), bottleneck=basis).divergence()


def covariance(*rows):
    return lambda: lg.Gaussian(np.zeros(2), list(rows))


REFUSED = {
    "covariance with a negative eigenvalue": covariance([1.0, 2.0], [2.0, 1.0]),
    "covariance with a negative variance": covariance([1.0, 0.0], [0.0, -1.0]),
    "covariance that is not symmetric": covariance([1.0, 0.5], [0.0, 1.0]),
    "variance 0 with a covariance that is not 0": covariance([0.0, 0.5], [0.5, 1.0]),
    "covariance with NaN": covariance([1.0, math.nan], [math.nan, 1.0]),
    "infinite variance": covariance([math.inf, 0.0], [0.0, 1.0]),
    "covariance that is not square": covariance([1.0, 0.0]),
    "covariance of text": covariance(["a", "b"], ["b", "a"]),
    "complex covariance": covariance([1.0, 1j], [-1j, 1.0]),
    "Gram matrix with a negative eigenvalue": lambda: lg.Problem.from_gram(
        [[1.0, 2.0], [2.0, 1.0]], n_samples=3, label_noise=1.0
    ),
    "penalty 0 with a singular Gram matrix": lambda: ridge(0.0),
    "divergence without a floor, of a student of penalty 0": lambda: ridge(
        0.0, gram=(4.0, 2.0, 1.0), bottleneck=lg.Principal(1)
    ).divergence(),
    "divergence without a floor, of a deterministic student": lambda: ridge(
        1.0, 0.0, bottleneck=lg.Principal(1)
    ).divergence(),
    "dependent columns of a subspace": lambda: lg.Subspace([[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]]),
    "value a singular law cannot take, in condition": lambda: lg.Gaussian(np.zeros(2), np.diag([0.0, 1.0])).condition(
        [0], [1.0]
    ),
    "divergence of means 1e200 apart": lambda: lg.kl(lg.Gaussian([1e200], [[1.0]]), lg.Gaussian([0.0], [[1.0]])),
    "penalty of 1e-200": lambda: lg.Ridge(1e-200),
    "data whose squares are beyond float64": lambda: lg.Moments.from_data([[1e200], [2e200]]),
    "learner too close to singular for a dense bottleneck": too_close_to_singular,
}


@pytest.mark.parametrize("row", table("What is no law")[1:], ids=lambda row: row[0])
def test_what_is_no_law_raises_the_error_of_the_table(row):
    with pytest.raises(getattr(errors, row[1])) as caught:
        REFUSED[row[0]]()
    assert type(caught.value) is getattr(errors, row[1])


def test_no_row_is_left_untested():
    assert {row[0] for row in table("What is no law")[1:]} == set(REFUSED)
    assert {row[0] for row in table("Designs")[1:]} == set(DESIGNS)


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e300])
def test_divergences_of_extreme_units_are_those_of_ordinary_ones(scale):
    p, q = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.3], [-0.3, 1.5]])
    step = np.sqrt(scale) * np.array([1.0, -1.0])
    ours = lg.kl(lg.Gaussian(step, scale * p), lg.Gaussian(0.0 * step, scale * q))
    assert ours == pytest.approx(1.0905685, abs=5e-8)  # docs/theory.md §8


OBLIQUE = np.array([[1.0, 0.0], [0.5, 1.0], [0.0, -0.5], [0.25, 1.0]])


@pytest.mark.parametrize("units", [np.array([1e-5, 1e4, 1.0, 1e2]), np.array([1e6, 1.0, 1e-6, 1e3])])
@pytest.mark.parametrize("dropped", [np.eye(4)[:, 1:], np.eye(4)[:, [0, 3]], np.eye(4)[:, [2]], OBLIQUE])
@pytest.mark.parametrize("alike", [True, False])
def test_units_of_the_coordinates_do_not_change_the_ledger_of_singular_laws(units, dropped, alike):
    """The third weight is the sum of the first two; where supports are unlike the student's fourth is certain."""
    units = units if not np.any(dropped == 0.5) else units**0.25
    root = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    student = root @ np.diag([1.0, 2.0, 0.5 if alike else 0.0]) @ root.T
    teacher, mean = root @ np.diag([2.0, 1.0, 1.0]) @ root.T, root @ [0.3, -0.2, 0.5]
    plain, scaled = (
        lg.ledger(
            lg.Gaussian(d * mean, d * student * d[:, None]),
            lg.Gaussian(np.zeros(4), d * teacher * d[:, None]),
            subspace=complement(np.linalg.qr(dropped / d[:, None])[0]),  # the same coordinates in other units
        )
        for d in (np.ones(4), units)
    )
    assert np.isinf(plain.total) != alike
    assert_allclose(scaled.cells, plain.cells, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(
    ("discarded", "least"),
    [
        ((0.0, 0.0), 0.0),  # no floor is right
        ((1.0, 0.0), math.inf),  # any floor spreads where the teacher does not, none spreads where it does
        ((1.0, 4.0), 0.5 * (1.6 - 1.0 - math.log(1.6) + 0.4 - 1.0 - math.log(0.4))),  # the floor 1.6, the harmonic mean
    ],
)
def test_the_best_floor_matches_a_teacher_that_is_certain_and_no_teacher_that_is_half_certain(discarded, least):
    law = lg.Gaussian(np.zeros(3), np.diag([1.0, *discarded]))
    found = lg.ledger(law, law, subspace=[[1.0], [0.0], [0.0]])
    assert found.total == 0.0
    assert found.rank_irreducible == pytest.approx(least, rel=1e-12)
