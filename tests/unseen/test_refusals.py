"""What has no error on unseen rows in closed form is refused by name."""

import numpy as np
import pytest
from unseen.rows_at_hand import case_of, scattered

import lingauss as lg
from lingauss.errors import DomainError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"teacher": lg.Ridge(1.0).channel(lg.Diagonal(np.ones(6)), 1.0)}, "learner as teacher"),
        ({"bottleneck": lg.Best(2)}, "not chosen on the same labels"),
        ({"bottleneck": lg.Subspace(np.eye(6)[:, :2]), "student": lg.GradientFlow(1.0)}, "Principal"),
        ({"transfer": lg.Moments.from_data(np.eye(6)), "teacher": lg.GradientFlow(1.0)}, "Ridge as teacher"),
    ],
)
def test_what_has_no_closed_form_is_refused_by_name(changes, message):
    X, Y = scattered()
    case = case_of(X, Y, **changes)
    for ask in (case.cross_validation, lambda: case.cross_validation(rows=(X, Y))):
        with pytest.raises(DomainError, match=message):
            ask()


def test_other_refusals_name_the_alternative():
    X, Y = scattered()
    shards = lg.Shards(lg.Ridge(1.0), [lg.Moments.from_data(X[:20]), lg.Moments.from_data(X[20:])])
    with pytest.raises(DomainError, match="teachers on shards"):
        case_of(X, Y, teacher=shards).cross_validation()
    moved = lg.Problem.from_data(X, Y, test_cov=np.eye(6))
    with pytest.raises(DomainError, match="test_cov"):
        lg.Distillation(moved).cross_validation()
    problem = lg.Problem.from_data(X, Y)
    law = lg.Ridge(1.0).channel(problem.gramian, problem.label_noise)
    with pytest.raises(DomainError, match="learner as student"):
        lg.Distillation.from_channels(problem, lg.Ridge(1.0), law).cross_validation()


def test_labels_shorter_than_what_inputs_explain_are_refused():
    X, Y = scattered(k=1)
    problem = lg.Problem.from_data(X, Y)
    short = problem.with_statistic(problem.observed, label_power=0.1)
    with pytest.raises(DomainError, match="label_power"):
        lg.Distillation(short).cross_validation()
    same = problem.with_statistic(problem.observed, label_power=problem.label_power)
    assert lg.Distillation(same).cross_validation().teacher == lg.Distillation(problem).cross_validation().teacher
