"""What notebooks and terminals show: one house style, everything escaped, nothing wider than a terminal."""

import re

import pytest

import lingauss as lg
import lingauss.symbolic as sym

PROBLEM = lg.Problem.from_spectrum([100.0, 10.0, 1.0], [1.0, 1.0, 1.0], n_samples=100, label_noise=0.5)
CASE = lg.Distillation(PROBLEM, lg.Ridge(2.0), lg.Ridge(0.5, temperature=0.25), lg.Principal(rank=2))
DESCENTS = CASE.replace(
    teacher=lg.NoisyGradientDescent(5, 0.005), student=lg.NoisyGradientDescent(5, 0.005, penalty=2.0), bottleneck=None
)
SHOWN = {
    "problem": PROBLEM,
    "design": CASE,
    "gaps": CASE.gaps(),
    "excess risk": CASE.excess_risk(),
    "baselines": CASE.baselines(),
    "ledger": CASE.divergence(),
    "bounds": CASE.bounds(),
    "optimum": CASE.optimize(over=("student_rank", "temperature")),
    "channel": CASE.teacher_channel,
    "gaussian": lg.Gaussian([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]),
    "moments": lg.Moments.from_data([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]),
    "chain": lg.Chain(CASE, 2, mixing=[0.5, 1.0]),
    "stationary mixing": lg.Chain(CASE, 1, fresh="labels").best_stationary_mixing(),
    "fresh inputs": lg.FreshInputs(20),
    "ridge": lg.Ridge(2.0),
    "descent": lg.NoisyGradientDescent(9, 0.05),
    "flow": lg.GradientFlow(9.0),
    "principal": lg.Principal(rank=2),
    "selected": lg.Selected((0, 2)),
    "subspace": lg.Subspace([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
    "best": lg.Best(rank=1),
    "posterior": lg.from_posterior(
        [1.0, -1.0], [[2.0, 0.5], [0.5, 1.0]], label_noise=0.5, n_samples=20, prior_variance=5.0
    ),
    "cumulants": CASE.gap_cumulants,
    "sharpness": CASE.sharpness(),
    "path": DESCENTS.path_divergence(),
    "process": CASE.process_divergence(),
    "best mixing": lg.Chain(CASE, 6).best_mixing(),
    "process ledger": CASE.replace(mixing=1.0).process_ledger(),
}


@pytest.fixture(params=SHOWN.values(), ids=list(SHOWN))
def shown(request):
    return request.param


def test_notebooks_show_a_captioned_table_in_the_house_style_with_no_colour_of_its_own(shown):
    html = shown._repr_html_()
    assert html.count('<div class="lingauss">') == html.count("<table>") == 1
    assert re.search(r"<caption>[^<]+</caption>", html)
    assert not re.search(r"(?<!background:)\b(?:#[0-9a-f]{3,6}|white(?!-space)|black)\b", html)


def test_a_design_says_of_a_floor_that_was_not_given_that_it_is_the_priors_variance():
    case = CASE.replace(rank=1, student=lg.Ridge(2.0))
    prior = case.problem.label_noise**2 / 2.0
    assert f"{prior:.4g}, the prior&#x27;s<" in case.replace(floor=None)._repr_html_()
    assert f"{prior:.4g}<" in case.replace(floor=prior)._repr_html_()


def test_terminals_of_80_columns_show_every_line_whole(shown):
    if isinstance(shown, lg.NoisyGradientDescent):
        pytest.skip("the Python that makes it again")
    assert max(map(len, repr(shown).splitlines())) <= 80


def test_a_table_of_bounds_says_of_every_bound_its_value_slack_and_reason():
    table = CASE.bounds()
    told = repr(table)
    reasons = " ".join(told.split("Why they hold or do not:")[1].split())
    lines = told.splitlines()
    for bound in table:
        line = next(line for line in lines if line.startswith(f"{bound.name}  "))
        sign, value, slack, holds = line.removeprefix(bound.name).split()
        assert sign == {"lower": "≥", "upper": "≤", "equal": "="}[bound.side]
        assert float(value) == pytest.approx(bound.value, rel=1e-5)
        assert float(slack) == pytest.approx(bound.slack, rel=1e-2)
        assert holds == ("yes" if bound.holds else "no")
        assert " ".join(bound.why.split()) in reasons
    gaps = CASE.gaps()
    assert f"gen_S = {gaps.student:.6g}, gen_T = {gaps.teacher:.6g}, K_n = {table.divergence:.6g} nats" in told


def test_derivations_and_explanations_fit_one_line():
    explained = CASE.explain("divergence")
    for told in (repr(explained), *map(repr, map(sym.derivation, sym.names()))):
        assert len(told) <= 120
    assert f"{CASE.divergence().total:.6g} nats" in repr(explained)


def test_words_stand_on_the_left_and_numbers_on_the_right():
    html = CASE.bounds()._repr_html_()
    assert '<th class="number">slack</th>' in html
    assert "<th>why</th>" in html


def test_text_in_displays_is_escaped():
    from lingauss.html_table import html_settings

    assert "<b>" not in html_settings("<b>", [("<b>", "<b>")], "<b>")
