"""Problems whose inputs are drawn, through the doors that every design has."""

import math
import pickle
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingLabelsError, NotAveragedError, NotNumericError, ShapeError

S, SIGNAL = [0.5, 2.0, 1.0, 0.1], [1.0, 0.25, 0.5, 2.0]
PROBLEM = lg.Problem.from_population(S, SIGNAL, n_samples=30, label_noise=0.5, outputs=2)
CASE = lg.Distillation(
    PROBLEM,
    teacher=lg.Ridge(2.0),
    student=lg.Ridge(0.7, temperature=0.3),
    bottleneck=lg.Selected([0, 2, 3]),
    mixing=0.6,
    temperature=0.4,
    draws=2,
)
RISKS = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")
AXES = {
    "n_samples": [20, 50],
    "label_noise": [0.3, 1.0],
    "penalty": [0.5, 3.0],
    "student_penalty": [0.1, 3.0],
    "teacher_penalty": [1.0, 2.0],
    "mixing": [-0.5, 0.8],
    "temperature": [0.0, 1.0],
    "draws": [1, 4],
    "teacher_temperature": [0.0, 2.0],
    "student_temperature": [0.0, 2.0],
    "student_rank": [0, 1, 3],
}


def numbers_of(case):
    gaps, risks = case.gaps(), case.excess_risk()
    return [gaps.teacher, gaps.student, risks.teacher, risks.student]


@pytest.mark.parametrize("axes", [("n_samples", "student_penalty", "mixing"), ("penalty", "label_noise", "draws"),
    ("student_rank", "teacher_penalty", "temperature"), ("teacher_temperature", "student_rank", "student_temperature"),
    ("penalty", "student_penalty", "n_samples"), ("mixing", "student_rank", "n_samples")])  # fmt: skip
def test_a_sweep_holds_what_each_design_says_of_itself(axes):
    found = CASE.sweep(quantities=RISKS, **{name: AXES[name] for name in axes})
    for index in np.ndindex(*(len(AXES[name]) for name in axes)):
        here = {name: AXES[name][i] for name, i in zip(axes, index, strict=True)}
        values = [found[name].values[index] for name in RISKS]
        assert_allclose(values, numbers_of(CASE.replace(**here)), rtol=1e-13)


def test_ranks_of_a_selection_keep_its_first_directions():
    assert numbers_of(CASE.replace(student_rank=2)) == numbers_of(CASE.replace(bottleneck=lg.Selected([0, 2])))


def test_directions_are_numbered_by_falling_variance():
    ordered = np.argsort(S)[::-1]
    problem = lg.Problem.from_population(
        np.array(S)[ordered], np.array(SIGNAL)[ordered], n_samples=30, label_noise=0.5, outputs=2
    )
    assert numbers_of(CASE.replace(problem=problem)) == numbers_of(CASE)
    assert (
        CASE.replace(student_rank=1).excess_risk().student
        < CASE.replace(bottleneck=lg.Selected([3])).excess_risk().student
    )


def test_a_student_that_sees_nothing_misses_the_whole_signal():
    assert CASE.replace(student_rank=0).excess_risk().student == pytest.approx(np.dot(S, SIGNAL), rel=1e-14)
    assert CASE.replace(student_rank=0).gaps().student == 0.0


def test_hidden_directions_are_label_noise_to_who_does_not_see_them():
    seen = lg.Problem.from_population(
        np.sort(S)[::-1][:2], np.array(SIGNAL)[[1, 2]], n_samples=30, label_noise=0.5, outputs=2
    )
    hidden = S[0] * SIGNAL[0] + S[3] * SIGNAL[3]
    noisier = seen.with_label_noise(math.sqrt(0.25 + hidden / 2))
    alone = lg.Distillation(noisier, teacher=lg.Ridge(1.0, noise=0.5), student=lg.Ridge(1.0, noise=0.5), mixing=0.0)
    case = CASE.replace(bottleneck=lg.Selected([0, 1]), student=lg.Ridge(1.0), mixing=0.0)
    assert case.excess_risk().student == pytest.approx(alone.excess_risk().student + hidden, rel=1e-13)


def test_more_rows_approach_inputs_that_are_given():
    for n in (10**4, 10**6):
        drawn = PROBLEM.with_samples(n)
        given = lg.Problem.from_spectrum(np.array(S) * n, SIGNAL, n_samples=n, label_noise=0.5, outputs=2)
        ours, theirs = CASE.replace(problem=drawn, bottleneck=None), CASE.replace(problem=given, bottleneck=None)
        assert_allclose(ours.excess_risk().student, theirs.excess_risk().student, rtol=20 / n)
        assert_allclose(ours.gaps().student, theirs.gaps().student, rtol=20 / n)


def test_with_truth_only_the_squared_norm_of_its_columns_counts():
    weights = np.sqrt(SIGNAL) * np.array([[1.0, -1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    assert_allclose(numbers_of(CASE.replace(problem=PROBLEM.with_truth(weights))), numbers_of(CASE), rtol=1e-13)


@pytest.mark.parametrize(
    "name",
    ["prediction_divergence", "bounds", "mutual_information", "by_direction", "label_divergence",
     "process_ledger", "process_divergence", "reverse_divergence", "jeffreys_divergence", "sharpness",
     "variance_proxy"],
)  # fmt: skip
def test_what_needs_the_inputs_is_refused_with_the_way_to_average_it(name):
    whole = CASE.replace(bottleneck=None, mixing=1.0, draws=1)
    with pytest.raises(NotAveragedError, match=r"excess_risk\(\) and gaps\(\).*average_over_inputs"):
        getattr(whole, name)()


def test_no_array_of_inputs_that_are_not_drawn_is_handed_out():
    for name in ("gram", "eigenbasis", "signal"):
        with pytest.raises(NotAveragedError, match="Gram matrix or eigenbasis"):
            getattr(PROBLEM, name)
    for name in ("teacher_channel", "student_channel", "gap_cumulants", "conditional_gap_cumulants"):
        with pytest.raises(NotAveragedError):
            getattr(CASE, name)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"bottleneck": lg.Best(2)}, "Best"),
        ({"teacher": lg.GradientFlow(1.0)}, "GradientFlow as teacher"),
        ({"student": lg.NoisyGradientDescent(5, 0.1)}, "NoisyGradientDescent as student"),
    ],
)
def test_a_design_without_closed_form_is_refused_by_name(settings, named):
    for ask in ("excess_risk", "gaps"):
        with pytest.raises(NotAveragedError, match=named):
            getattr(CASE.replace(**settings), ask)()


@pytest.mark.parametrize("learner", [lg.GradientFlow(1.0), lg.NoisyGradientDescent(5, 0.01)], ids=["flow", "descent"])
@pytest.mark.parametrize("role", ["teacher", "student"])
def test_gradient_learners_are_refused_with_the_average_that_answers_instead(learner, role):
    case = lg.Distillation(PROBLEM, lg.Ridge(2.0), lg.Ridge(1.0), mixing=0.5).replace(**{role: learner})
    told = rf"{type(learner).__name__} as {role}.*average_over_inputs"
    asked = (
        case.excess_risk,
        case.gaps,
        case.divergence,
        case.baselines,
        lambda: case.optimize(over=["mixing"], objective="excess_risk"),
        lambda: case.optimize(over=["temperature"]),
        lambda: case.sweep(mixing=[0.0, 1.0], quantities=["student_excess_risk"]),
    )
    for ask in asked:
        with pytest.raises(NotAveragedError, match=told):
            ask()
    drawn = case.average_over_inputs(4, seed=0)
    for name in ("student_excess_risk", "student_gap", "divergence"):
        assert np.isfinite(drawn[name].value)


def test_quantities_and_objectives_without_closed_form_are_refused_by_name():
    with pytest.raises(NotAveragedError, match="prediction_bias"):
        CASE.sweep(quantities=["student_gap", "prediction_bias"], mixing=[0.0])
    with pytest.raises(NotAveragedError, match="other views than Principal"):
        CASE.sweep(quantities=["student_gap", "retained_spread"], mixing=[0.0])
    for objective in ("prediction_divergence", "process"):
        with pytest.raises(NotAveragedError):
            CASE.replace(bottleneck=None, mixing=1.0).optimize(over=["temperature"], objective=objective)
    with pytest.raises(DomainError, match="steps"):
        CASE.sweep(quantities=["student_gap"], student_steps=[1, 2])


def test_optimum_over_rank_mixing_and_spread_is_the_least_of_a_grid():
    case = CASE.replace(bottleneck=lg.Selected([0, 1, 2, 3]))
    best = case.optimize(over=["student_rank", "mixing", "temperature", "student_temperature"], objective="excess_risk")
    grid = case.replace(temperature=0.0, student_temperature=0.0).sweep(
        quantities=["student_excess_risk"], student_rank=range(5), mixing=np.linspace(-3, 4, 701)
    )["student_excess_risk"]
    assert best.value <= grid.min()
    assert best.value == pytest.approx(grid.min().item(), rel=1e-5)
    assert best.value == pytest.approx(best.design.excess_risk().student, rel=1e-13)
    assert best.design.temperature == best.design.student.temperature == 0.0


def test_optimum_of_a_student_that_sees_nothing_leaves_the_mixing():
    best = CASE.replace(student_rank=0).optimize(over=["mixing"], objective="excess_risk")
    assert "mixing" in best.certificate.flat


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ({"eigenvalues": [-1.0, 1.0]}, DomainError, "eigenvalues"),
        ({"signal": [1.0]}, ShapeError, "signal"),
        ({"n_samples": 0}, DomainError, "n_samples"),
        ({"label_noise": 0.0}, DomainError, "label_noise"),
        ({"outputs": 0}, DomainError, "outputs"),
        ({"eigenvalues": "ab"}, NotNumericError, "eigenvalues"),
        ({"test_cov": np.eye(2)}, DomainError, "no test_cov.*same population"),
    ],
)
def test_bad_populations_are_refused(arguments, error, told):
    legal = {"eigenvalues": [2.0, 1.0], "signal": [1.0, 1.0], "n_samples": 5, "label_noise": 1.0}
    with pytest.raises(error, match=told):
        lg.Problem.from_population(**legal | arguments)


def test_a_population_has_no_labels():
    with pytest.raises(DomainError, match="from_data"):
        PROBLEM.with_statistic(np.ones((2, 4)))
    with pytest.raises(MissingLabelsError):
        PROBLEM.plug_in()
    given = lg.Problem.from_spectrum(S, SIGNAL, n_samples=30, label_noise=0.5)
    with pytest.raises(DomainError, match="from_population"):
        lg.Distillation(given).average_over_inputs()


def test_its_repr_tells_a_population_from_a_gram_matrix():
    assert repr(PROBLEM) == (
        f"Population(30 drawn samples, 4 features, 2 outputs, label_noise=0.5, E|x|²={sum(S):g}, averaged over inputs; "
        f"a Gram matrix of them has trace about {30 * sum(S):g})"
    )
    assert PROBLEM.mode == "averaged over inputs"


def test_a_population_design_survives_files_scripts_and_pickles():
    dataset = CASE.sweep(quantities=["student_gap"], mixing=[0.0, 0.5])
    scope = {}
    exec(CASE.to_python(), scope)  # noqa: S102
    for copy in (lg.case_of(dataset), pickle.loads(pickle.dumps(CASE)), scope["case"]):  # noqa: S301
        assert numbers_of(copy) == numbers_of(CASE)


def test_a_million_designs_take_the_time_of_a_few_logarithms():
    """100 × 100 × 100 designs at d = 512 against one logarithm of 10⁴ × 512 numbers, the best of a few runs each."""
    index = np.arange(1.0, 513.0)
    problem = lg.Problem.from_population(index**-1.2, np.full(512, 1 / 512), n_samples=300, label_noise=0.5)
    cold = lg.Ridge(1.0, temperature=0.0)
    case = lg.Distillation(problem, teacher=cold, student=cold, temperature=0.0)
    axes = {
        "n_samples": np.unique(np.geomspace(50, 5000, 100).astype(int)),
        "penalty": np.geomspace(1e-3, 1e3, 100),
        "mixing": np.linspace(-1, 2, 100),
    }
    numbers = np.random.default_rng(0).random((10**4, 512)) + 0.1

    def best(function):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            function()
            times.append(time.perf_counter() - start)
        return min(times)

    ours = best(lambda: case.sweep(quantities=["student_excess_risk"], **axes))
    assert ours <= 40 * best(lambda: np.log(numbers))  # twice the goal, for machines that do other things too
