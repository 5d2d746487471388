"""The designs with which the library is shown are what their documentation says."""

import pytest

import lingauss as lg
from lingauss.model.examples import POWER_LAW_PENALTY, hot_labels, power_law_problem


def test_the_student_of_hot_labels_sees_half_the_directions_and_has_the_teachers_prior():
    case = hot_labels(lg.Distillation, power_law_problem(), POWER_LAW_PENALTY)
    assert (case.rank, case.problem.n_features) == (32, 64)
    assert case.temperature == 10.0
    teacher, student = case.teacher, case.student
    assert student.temperature / student.penalty == pytest.approx(teacher.temperature / teacher.penalty, rel=1e-15)
    assert student.temperature == 0.25


def test_the_spectrum_and_the_signal_of_the_power_law_fall_like_one_over_i():
    problem = power_law_problem()
    assert problem.eigenbasis.eigenvalues * range(1, 65) == pytest.approx([1000.0] * 64, rel=1e-12)
    assert problem.truth.power(problem.eigenbasis) * range(1, 65) == pytest.approx([1.0] * 64, rel=1e-12)
