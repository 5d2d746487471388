"""What rounds of distillation say of themselves: displays, settings of every round, labels of datasets, refusals."""

import html
import json
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, ShapeError, UnknownNameError
from lingauss.model.repeated_limit import RepeatedLimit
from lingauss.rounds.mixing import BestMixing
from lingauss.rounds.stationary import StationaryMixing
from lingauss.rounds.sweep import UNITS

PROBLEM = lg.Problem.from_gram(
    np.diag([4.0, 2.0, 1.0, 0.5]), n_samples=10, truth=[1.0, -1.0, 0.5, 0.25], label_noise=0.5
)
CASE = lg.Distillation(
    PROBLEM, lg.Ridge(2.0), lg.Ridge(3.0, 0.5), lg.Principal(2), temperature=1.5, mixing=0.7, draws=4
)
POPULATION = lg.Problem.from_population([4.0, 2.0, 1.0], [1.0, 1.0, 0.5], n_samples=30, label_noise=0.5)
DRAWN = lg.Distillation(POPULATION, lg.Ridge(2.0), lg.Ridge(3.0, 0.5))
PER_ROUND = {"mixing": (0.1, 0.2), "rank": (2, 3), "temperature": (1.0, 2.5), "penalty": (1.0, 7.0)}


@pytest.mark.parametrize(
    ("chain", "shown"),
    [
        (lg.Chain(CASE, 2), "Chain(2 rounds)"),
        (lg.Chain(CASE, 2, penalty=3.0), "Chain(2 rounds, penalty=(3.0, 3.0))"),
        (
            lg.Chain(CASE, 2, **PER_ROUND),
            "Chain(2 rounds, mixing=(0.1, 0.2), rank=(2, 3), temperature=(1.0, 2.5), penalty=(1.0, 7.0))",
        ),
        (lg.Chain(DRAWN, 3, fresh="labels"), "Chain(3 rounds, fresh labels)"),
        (
            lg.Chain(DRAWN, 3, fresh="inputs", accumulate=True, pool="rows", mixing=0.5),
            "Chain(3 rounds, mixing=(0.5, 0.5, 0.5), fresh inputs, accumulating, pooled by rows)",
        ),
    ],
)
def test_a_chain_is_shown_in_one_line_with_what_differs_from_the_design(chain, shown):
    assert repr(chain) == shown


def cells_of(chain):
    """The names and values of a chain's table, as they are read."""
    rows = re.findall(r"<tr><th>(.*?)</th><td[^>]*>(.*?)</td></tr>", chain._repr_html_(), re.DOTALL)
    return {html.unescape(name): html.unescape(value) for name, value in rows}


def test_a_chain_is_shown_as_a_table_of_its_settings_in_every_round():
    cells = cells_of(lg.Chain(CASE, 2, **PER_ROUND))
    assert cells == {
        "rounds": "2",
        "mixing by round": "0.1, 0.2",
        "rank by round": "2, 3",
        "temperature by round": "1, 2.5",
        "penalty by round": "1, 7",
        "first round": str(CASE),
    }
    cells = cells_of(lg.Chain(DRAWN, 3, fresh="inputs", accumulate=True, pool="rows", mixing=0.5))
    assert list(cells.items())[:5] == [
        ("rounds", "3"), ("fresh", "inputs"), ("accumulate", "True"), ("pool", "rows"),
        ("mixing by round", "0.5, 0.5, 0.5"),
    ]  # fmt: skip
    assert "<caption>Chain</caption>" in lg.Chain(CASE, 2)._repr_html_()


def test_every_round_is_the_design_with_the_settings_of_that_round():
    chain = lg.Chain(CASE, 2, **PER_ROUND)
    for number in (1, 2):
        settings = chain.settings(number)
        assert settings == {
            "mixing": PER_ROUND["mixing"][number - 1],
            "rank": PER_ROUND["rank"][number - 1],
            "temperature": PER_ROUND["temperature"][number - 1],
            "student_penalty": PER_ROUND["penalty"][number - 1],
        }
        design = chain.designs[number - 1]
        assert (design.mixing, design.rank, design.temperature) == tuple(list(settings.values())[i] for i in (0, 1, 2))
        assert design.student == lg.Ridge(PER_ROUND["penalty"][number - 1], 0.5)
        assert chain.round(number).teacher == CASE.teacher
    assert chain.ranks() == (2, 3)
    assert lg.Chain(CASE, 3).ranks() == (2, 2, 2)
    assert lg.Chain(CASE, 3).settings(3) == {}
    for number in (0, 3):
        with pytest.raises(DomainError, match="number, a whole number from 1 to 2"):
            chain.settings(number)


def test_later_teachers_are_what_earlier_students_predict_without_the_first_teachers_bottleneck():
    case = CASE.replace(teacher_bottleneck=lg.Principal(3), teacher_floor=0.5)
    chain = lg.Chain(case, 3)
    assert chain.designs[0].teacher_bottleneck == lg.Principal(3)
    for before, after in zip(chain.designs, chain.designs[1:], strict=False):
        assert after.teacher_bottleneck is None
        assert_allclose(after.teacher.A, before.student_predictor.A, rtol=1e-12, atol=1e-14)
        assert_allclose(after.teacher.cov, before.student_predictor.cov, rtol=1e-12, atol=1e-14)


def test_chains_are_lengthened_where_all_settings_repeat_and_shortened_anywhere():
    same = lg.Chain(CASE, 2, mixing=0.3, rank=2, temperature=[1.0, 1.0], penalty=3.0)
    longer = same.with_rounds(4)
    assert (longer.rounds, longer.mixing, longer.rank) == (4, (0.3,) * 4, (2,) * 4)
    assert (longer.temperature, longer.penalty) == ((1.0,) * 4, (3.0,) * 4)
    assert same.with_rounds(1).mixing == (0.3,)
    chain = lg.Chain(CASE, 2, **PER_ROUND)
    assert repr(chain.with_rounds(2)) == repr(chain)
    assert chain.with_rounds(1).settings(1) == chain.settings(1)
    for name, values in PER_ROUND.items():
        with pytest.raises(DomainError, match=f"at most 2 rounds, because {name} differs between rounds; got 3"):
            lg.Chain(CASE, 2, **{name: values}).with_rounds(3)
        with pytest.raises(DomainError, match=f"the same {name} in every round"):
            lg.Chain(CASE, 2, **{name: values}).repeated()
    for rounds in (0, 10_001):
        with pytest.raises(DomainError, match="rounds, a whole number from 1 to 10000"):
            same.with_rounds(rounds)
        with pytest.raises(DomainError, match="rounds, a whole number from 1 to 10000"):
            lg.Chain(CASE, rounds)
    assert same.with_rounds(10_000).rounds == 10_000


def test_the_limit_is_one_student_of_the_true_labels_that_repeats_the_rounds_settings():
    limit = lg.Chain(CASE, 2, penalty=1.5, mixing=0.25, temperature=0.75).limit()
    assert limit.student == RepeatedLimit(lg.Ridge(1.5, 0.5), 0.25, 0.75, 4)
    assert (limit.mixing, limit.temperature, limit.draws) == (0.0, 0.0, 1)
    assert (limit.teacher, limit.bottleneck, limit.problem) == (CASE.teacher, CASE.bottleneck, CASE.problem)
    with pytest.raises(DomainError, match=r"stationary_excess_risk\(\)"):
        lg.Chain(DRAWN, 2, fresh="labels").limit()


# Datasets


def test_datasets_of_chains_carry_their_rounds_axes_and_settings():
    chain = lg.Chain(CASE, 2, mixing=[0.1, 0.2], temperature=2.0)
    found = chain.sweep(label_noise=[0.1, 0.4], n_samples=[20, 30, 40])
    plain = CASE.sweep(label_noise=[0.1, 0.4], n_samples=[20, 30, 40])
    assert dict(found.sizes) == {"round": 2, "label_noise": 2, "n_samples": 3}
    assert found["divergence"].dims == ("round", "label_noise", "n_samples")
    for axis in ("label_noise", "n_samples"):
        assert found[axis].attrs == plain[axis].attrs
        assert found[axis].values.tolist() == plain[axis].values.tolist()
    told = json.loads(found.attrs["settings"])
    assert (told["mixing"], told["temperature"]) == ([0.1, 0.2], [2.0, 2.0])
    assert told["student"] == repr(CASE.student)
    again = lg.case_of(found.isel(label_noise=1, n_samples=2))
    assert repr(again) == repr(chain)
    assert (again.case.problem.label_noise, again.case.problem.n_samples) == (0.4, 40)
    drawn = json.loads(lg.Chain(DRAWN, 2, fresh="inputs", accumulate=True).sweep().attrs["settings"])
    assert (drawn["fresh"], drawn["accumulate"], drawn["pool"]) == ("inputs", True, "labels")
    assert not {"fresh", "accumulate", "pool"} & told.keys()


def test_a_chain_tells_its_costs_against_both_teachers_its_gap_and_where_it_is_known_its_risk():
    costs = ["divergence", "bias", "variance", "rank_bottleneck"]
    default = [*costs, *(f"first_{name}" for name in costs), "gap"]
    assert list(lg.Chain(CASE, 2).sweep()) == [*default, "excess_risk"]
    observed = CASE.replace(problem=PROBLEM.with_statistic(np.ones((1, 4))))
    assert list(lg.Chain(observed, 2).sweep()) == default
    assert list(lg.Chain(DRAWN, 2, fresh="labels").sweep()) == ["excess_risk"]


SIGHTS = {"leading": lg.Principal(2), "listed": lg.Selected((3, 1)), "general": lg.Subspace(np.eye(4)[:, :2])}


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("penalty", [None, [1.0, 7.0, 2.0]], ids=["one penalty", "penalties"])
def test_every_quantity_of_every_round_is_that_of_a_student_taught_by_its_predecessor(sight, penalty):
    """Against designs built by hand, one after the other: costs are from the weights that taught, floor included."""
    mixing = [0.2, 0.9, 0.5]
    case = CASE.replace(bottleneck=SIGHTS[sight], floor=0.3)
    found = lg.Chain(case, 3, mixing=mixing, penalty=penalty).sweep(quantities=list(UNITS), label_noise=[0.3, 0.8])
    for place, noise in enumerate((0.3, 0.8)):
        here = case.replace(label_noise=noise)
        chain, before = lg.Chain(here, 3, mixing=mixing, penalty=penalty), None
        for number in (1, 2, 3):
            design = here.replace(mixing=mixing[number - 1])
            if penalty is not None:
                design = design.replace(student_penalty=penalty[number - 1])
            if before is not None:
                design = design.replace(teacher=before.student_predictor)
            own = design.divergence() if before is None else design.divergence_from(before.student_channel)
            first = design.divergence_from(here.teacher_channel)
            now = found.isel(round=number - 1, label_noise=place)
            for prefix, ledger in (("", own), ("first_", first)):
                for (i, j), cell in np.ndenumerate(ledger.cells):
                    name = f"{prefix}{('retained', 'discarded')[i]}_{('mean', 'noise', 'spread')[j]}"
                    assert_allclose(now[name], cell, rtol=1e-7, atol=1e-10, err_msg=name)
                told = chain.ledger(number, from_first=bool(prefix))
                for name in ("bias", "variance", "rank_bottleneck"):
                    assert_allclose(now[f"{prefix}{name}"], getattr(ledger, name), rtol=1e-7, atol=1e-10)
                assert_allclose([now[f"{prefix}divergence"], told.total], ledger.total, rtol=1e-8)
            assert_allclose(now["excess_risk"], risk(design), rtol=1e-9)
            assert_allclose(now["gap"], gap(design), rtol=1e-9)
            before = design


def risk(design):
    """What a student's predictions err by on the training inputs, from the definition."""
    problem, predictor = design.problem, design.student_predictor
    gram, truth = problem.gram, problem.truth.mean
    off = truth - truth @ gram @ predictor.A.T
    noise = problem.label_noise**2 * predictor.A @ gram @ predictor.A.T + predictor.cov
    return float(np.trace(off @ gram @ off.T) + np.trace(noise @ gram)) / problem.n_samples


def gap(design):
    """Efron's optimism of a student's predictions."""
    problem = design.problem
    return 2.0 * problem.label_noise**2 * np.trace(problem.gram @ design.student_predictor.A) / problem.n_samples


# Refusals


@pytest.mark.parametrize(
    ("build", "error", "told"),
    [
        (lambda: lg.Chain(DRAWN, 2, fresh="rows"), UnknownNameError, "fresh among none, labels, inputs"),
        (lambda: lg.Chain(DRAWN, 2, pool=3), UnknownNameError, "pool among labels, rows"),
        (lambda: lg.Chain(CASE, 2, accumulate=True), DomainError, "fresh labels or inputs, which can accumulate"),
        (lambda: lg.Chain(CASE, 2, pool="rows"), DomainError, "fresh='inputs' for pool='rows'.*got fresh='none'"),
        (
            lambda: lg.Chain(DRAWN, 2, fresh="labels", pool="rows"),
            DomainError,
            "fresh='inputs' for pool='rows'.*got fresh='labels'",
        ),
        (
            lambda: lg.Chain(DRAWN, 2, fresh="inputs", pool="rows", mixing=[0.5, 1.01]),
            DomainError,
            r"mixing from 0 to 1, a share of rows; got 1\.01",
        ),
        (lambda: lg.Chain(CASE, 2, penalty=[1.0, 2.0, 3.0]), ShapeError, "penalty as one value, or 2, one per round"),
        (lambda: lg.Chain(CASE, 2).sweep(student_rank=[1]), DomainError, "axes without student_rank"),
        (
            lambda: lg.Chain(CASE, 2, penalty=1.0).sweep(student_penalty=[1.0]),
            DomainError,
            "axes without student_penalty.*one chain per student penalty",
        ),
        (lambda: lg.Chain(CASE, 2).ledger(0), DomainError, "number, a whole number from 1 to 2"),
        (lambda: lg.Chain(CASE, 2).ledger(1, from_first="yes"), lg.LingaussError, "from_first"),
    ],
)
def test_rounds_that_cannot_be_are_refused_in_words(build, error, told):
    with pytest.raises(error, match=told):
        build()


def test_what_is_not_refused_is_legal():
    lg.Chain(DRAWN, 2, fresh="inputs", pool="rows", mixing=[0.0, 1.0])
    lg.Chain(DRAWN, 2, fresh="inputs", accumulate=True)
    lg.Chain(DRAWN.replace(transfer=lg.FreshInputs(7)), 2, fresh="inputs")
    lg.Chain(CASE, 2, fresh="labels", accumulate=True)
    assert list(lg.Chain(CASE, 2, mixing=0.5).sweep(penalty=[1.0, 2.0]).sizes) == ["round", "penalty"]
    assert lg.Chain(CASE, 1).rounds == 1


# The best mixings


def lines_of(shown):
    """The names and values of what is shown line by line."""
    return dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in shown.splitlines()[1:])


@pytest.mark.parametrize("attained", [True, False])
@pytest.mark.parametrize("unique", [True, False])
def test_best_mixings_are_shown_with_their_risk_and_whether_it_is_reached_by_them_alone(attained, unique):
    chain = lg.Chain(CASE, 2)
    best = BestMixing(chain, (0.125, -2.5), 0.123456789, 0.0625, attained, unique, 12.3456)
    assert repr(best).splitlines()[0] == "Mixings of least excess risk"
    assert lines_of(repr(best)) == cells_of(best) == {
        "mixing, first round to last": "0.125, -2.5",
        "excess risk (labels²)": "0.123457, attained" if attained else "0.123457, not attained, infimum 0.0625",
        "unique": "yes" if unique else "no: those of least norm",
        "amplification": "12.3",
    }  # fmt: skip
    assert "<caption>Mixings of least excess risk</caption>" in best._repr_html_()


def test_the_best_stationary_mixing_is_shown_with_the_share_of_true_labels():
    best = StationaryMixing(lg.Chain(CASE, 1), 0.3819659, 0.0123456789)
    assert repr(best).splitlines()[0] == "Mixing of least stationary risk"
    assert lines_of(repr(best)) == cells_of(best) == {
        "mixing, the share of soft labels": "0.381966",
        "share of true labels": "0.618034",
        "excess risk (labels²)": "0.0123457",
    }  # fmt: skip
    assert "<caption>Mixing of least stationary risk</caption>" in best._repr_html_()


def test_the_best_mixings_come_with_the_chain_that_has_them_and_its_risk():
    chain = lg.Chain(CASE, 3, temperature=[1.0, 0.5, 2.0])
    best = chain.best_mixing()
    assert repr(best.chain) == repr(lg.Chain(CASE, 3, mixing=best.mixing, temperature=[1.0, 0.5, 2.0]))
    assert best.value == pytest.approx(float(best.chain.sweep().excess_risk[-1]), rel=1e-12)
    assert best.amplification == pytest.approx(max(1.0, *np.abs(np.cumprod(best.mixing[::-1]))), rel=1e-12)
    with pytest.raises(DomainError, match="a student penalty that is free; got one set per round"):
        lg.Chain(CASE, 2, penalty=1.0).best_mixing(over=["student_penalty"])
    with pytest.raises(UnknownNameError, match="a penalty to optimise"):
        chain.best_mixing(over=["floor"])
    freed = lg.Chain(CASE, 2).best_mixing(over=["student_penalty", "teacher_penalty"])
    assert freed.value <= lg.Chain(CASE, 2).best_mixing().value
    assert freed.chain.case.teacher.penalty != CASE.teacher.penalty
    assert freed.chain.case.student.penalty != CASE.student.penalty
    settled = lg.Chain(DRAWN, 1, fresh="labels").best_stationary_mixing()
    assert settled.chain.case.mixing == settled.mixing
    assert settled.value == pytest.approx(settled.chain.stationary_excess_risk(), rel=1e-12)
