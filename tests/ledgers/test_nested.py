"""Nested bottlenecks: one set of factors gives at every rank what that rank's own evaluation gives."""

import numpy as np
import pytest
from bridge import oracle_cells
from hypothesis import given, settings
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.ledgers.nested import Nested
from lingauss.model.bottleneck import complement
from lingauss.model.learners import Law, Learner
from lingauss.sweep.pointwise import quantities_of
from lingauss.sweep.quantities import QUANTITIES
from lingauss.testing import distillations

CELLS = tuple(name for name in QUANTITIES if name.startswith(("retained", "discarded")))
LEDGER = (*CELLS, "divergence", "bias", "variance", "rank_bottleneck", "rank_irreducible", "divergence_per_weight")
RISKS = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")


def nested_of(case):
    return Nested.of(case, "weights", np.arange(case.rank + 1))


def with_every_rank(case):
    """The same design with its basis completed, so that ranks run from 0 to d."""
    basis = case.bottleneck.basis
    return case.replace(bottleneck=lg.Subspace(np.concatenate([basis, complement(basis)], axis=1)))


def names_for(case):
    return LEDGER + (RISKS if case.problem.truth is not None else ())


def assert_sweep_is_pointwise(case, ranks, tolerance=1e-10, **here):
    names = names_for(case)
    axes = {name: [value] for name, value in here.items()}
    swept = case.sweep(quantities=names, student_rank=ranks, **axes).squeeze(list(axes))
    for rank in ranks:
        expected = quantities_of(case.replace(student_rank=rank, **here), names)
        found = {name: float(swept[name].sel(student_rank=rank)) for name in names}
        total = sum(expected[name] for name in CELLS if np.isfinite(expected[name]))
        for name in names:
            scale = abs(expected[name]) if name in RISKS else total
            assert found[name] >= 0 or name == "student_gap", (name, rank)
            if np.isinf(expected[name]):
                assert found[name] == np.inf, (name, rank)
            else:
                assert abs(found[name] - expected[name]) <= tolerance * scale + 1e-15, (name, rank)


@given(distillations(max_features=4, spectral=False))
def test_every_rank_equals_its_own_evaluation(case):
    assert_sweep_is_pointwise(with_every_rank(case), range(case.problem.n_features + 1))


@given(distillations(max_features=4, spectral=False, hard=True, singular=True))
def test_hard_bottlenecks_deterministic_students_and_singular_inputs_keep_their_infinities(case):
    assert_sweep_is_pointwise(with_every_rank(case), range(case.problem.n_features + 1))


@settings(max_examples=50)
@given(distillations(max_features=4, spectral=False))
def test_the_factors_agree_with_label_space(case):
    case = with_every_rank(case)
    nested = nested_of(case)
    for rank in range(case.rank + 1):
        expected = oracle_cells(case.replace(student_rank=rank))
        assert_allclose(nested.cells_of_ranks[rank], expected, atol=1e-8 * expected.sum() + 1e-10)


def larger(mode, singular=False, tested=False, features=24, condition=1e4):
    rng = np.random.default_rng(7)
    rotation, basis = (np.linalg.qr(rng.standard_normal((features, features)))[0] for _ in range(2))
    eigenvalues = np.geomspace(1, condition, features)
    if singular:
        eigenvalues[: features // 3] = 0.0
    gram = (rotation * eigenvalues) @ rotation.T
    truth = rng.standard_normal((3, features))
    problem = lg.Problem.from_gram(
        (gram + gram.T) / 2,
        n_samples=2 * features,
        truth=truth,
        label_noise=0.7,
        test_cov=np.diag(rng.uniform(0.5, 2.0, features)) if tested else None,
    )
    if mode != "averaged":
        problem = problem.with_statistic((truth + 0.3 * rng.standard_normal(truth.shape)) @ gram)
    if mode == "plug-in":
        problem = problem.plug_in(penalty=0.5)
    return lg.Distillation(problem, lg.Ridge(1.0, noise=0.5), lg.Ridge(2.0, 0.5), lg.Subspace(basis))


@pytest.mark.parametrize("mode", ["averaged", "observed", "plug-in"])
@pytest.mark.parametrize("singular", [False, True])
@pytest.mark.parametrize(
    "here",
    [{"mixing": 0.0}, {"temperature": 0.0, "floor": 0.0}, {"mixing": 1.3, "draws": 4, "floor": 0.2}, {"penalty": 0.3}],
)
def test_ill_conditioned_problems_keep_ten_digits_of_the_total(mode, singular, here):
    case = larger(mode, singular)
    assert_sweep_is_pointwise(case, [0, 1, 5, 12, 23, 24], **here)
    assert_sweep_is_pointwise(case.replace(student_rank=17), [3, 17], **here)


@pytest.mark.parametrize("singular", [False, True])
def test_other_test_inputs_change_gaps_and_risks_alone(singular):
    case = larger("averaged", singular, tested=True, condition=1e3)
    assert_sweep_is_pointwise(case, [0, 4, 20, 24], temperature=1.5)


def test_one_factorisation_serves_all_ranks(monkeypatch):
    case = larger("averaged")
    for alone in ("divergence", "gaps", "excess_risk"):
        monkeypatch.setattr(lg.Distillation, alone, None)
    assert np.isfinite(case.sweep(quantities=names_for(case), student_rank=range(25)).divergence).all()


def test_ranks_whose_cost_vanishes_are_evaluated_on_their_own():
    """Where mixing 0 makes the full-rank student the teacher itself, sums of cancelling terms have no digits left."""
    case = larger("averaged").replace(teacher=lg.Ridge(1.0), student=lg.Ridge(1.0), mixing=0.0)
    assert nested_of(case).reliable_ranks.tolist() == [True] * 24 + [False]
    swept = case.sweep(quantities=("divergence", "bias"), student_rank=range(25))
    assert swept.divergence[-1] == case.divergence().total
    assert (swept.bias <= 1e-20 * swept.divergence[:-1].min()).all()


def test_a_teacher_given_as_a_channel_with_an_offset_shares_factors():
    case = larger("averaged", condition=1e2)
    teacher = case.teacher_channel
    offset = np.random.default_rng(0).standard_normal(teacher.dim_out)
    case = case.replace(teacher=lg.Channel(teacher.A, teacher.cov, offset))
    assert nested_of(case) is not None
    assert_sweep_is_pointwise(case, [0, 7, 24], mixing=0.6)
    principal = case.replace(bottleneck=lg.Principal(24), floor=0.5)
    assert nested_of(principal) is not None
    assert_sweep_is_pointwise(principal, [0, 7, 24], mixing=0.6)


class Halved(Learner):
    """Half of ridge regression, a learner that the factors know nothing of."""

    def spectral(self, eigenvalues, label_noise):
        return Law.of_penalty(eigenvalues, eigenvalues + 2.0, np.asarray(1.0))

    def channel(self, gramian, label_noise):
        whole = lg.Ridge().channel(gramian, label_noise)
        return lg.Channel(whole.A / 2, whole.cov / 2)

    def prior_variance(self, label_noise):
        return label_noise**2


@pytest.mark.parametrize(
    "changes",
    [{"student": Halved()}, {"teacher": lg.Ridge(temperature=0.0)}, {"student": lg.Ridge(temperature=0.0), "floor": 1}],
)
def test_designs_without_shared_factors_are_evaluated_rank_by_rank(changes):
    case = larger("averaged", singular=True).replace(**changes)
    assert nested_of(case) is None
    assert_sweep_is_pointwise(case, [0, 9, 24], mixing=0.5)


def test_a_student_given_as_a_channel_is_split_at_every_rank():
    case = larger("averaged", condition=1e2)
    fixed = lg.Distillation.from_channels(case.problem, case.teacher_channel, case.student_channel, case.basis)
    assert_sweep_is_pointwise(fixed, [0, 9, 24], label_noise=0.7)


def test_a_default_floor_that_does_not_exist_is_refused():
    case = larger("averaged").replace(student=lg.Ridge(temperature=0.0))
    with pytest.raises(lg.errors.UndefinedFloorError):
        case.sweep(student_rank=[3, 24])


def test_smaller_ranks_survive_directions_that_an_unpenalised_student_cannot_learn():
    gram = np.diag([4.0, 2.0, 1.0, 0.0])
    problem = lg.Problem.from_gram(gram, n_samples=9, truth=np.ones((1, 4)), label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0), lg.Subspace(np.eye(4)), floor=1.0)
    assert_sweep_is_pointwise(case, [0, 1, 3], student_penalty=0.0)
    with pytest.raises(lg.errors.SingularGramError):
        case.sweep(student_rank=[0, 4], student_penalty=[0.0])


def test_output_arrays_are_filled_in_place():
    from lingauss.sweep.evaluation import sweep_arrays
    from lingauss.sweep.labelled import checked_axes

    case = larger("averaged")
    axes = checked_axes(case, {"temperature": [0.0, 1.0], "student_rank": [0, 9, 24], "floor": [0.1, 0.2]})
    names = ("divergence", "student_gap", "prediction_divergence")
    out = {name: np.full((2, 3, 2), np.nan) for name in names}
    results = sweep_arrays(case, axes, names, out)
    for name, value in sweep_arrays(case, axes, names).items():
        assert results[name] is out[name]
        assert_allclose(out[name], value)


@pytest.mark.parametrize(("smallest", "shared"), [(1e-3, True), (1e-9, False)])
def test_students_close_to_the_edge_of_their_support_do_not_share_factors(smallest, shared):
    """Soft labels say next to nothing in a direction of tiny eigenvalue, and the student adds no spread of its own."""
    rng = np.random.default_rng(0)
    basis, rotation = (np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(2))
    root = rotation * np.sqrt([4.0, 1.0, smallest])
    problem = lg.Problem.from_gram(root @ root.T, n_samples=9, truth=np.ones(3), label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0, 1e-14), lg.Subspace(basis), floor=0.1)
    assert (nested_of(case) is not None) == shared
    assert_sweep_is_pointwise(case, range(4))
