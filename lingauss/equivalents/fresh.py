"""Errors on unseen rows of a student that is trained on rows of its own (docs/theory.md §10.4)."""

from __future__ import annotations

from lingauss.equivalents.overlaps import Overlaps
from lingauss.equivalents.pair import Parabola, Settings, drawn, ratio, teacher_loss


def fresh_parabolas(o: Overlaps, c: Settings) -> tuple[Parabola, Parabola]:
    """Return gap and excess risk of a student on fresh inputs as functions of the mixing, away from its peak.

    To fresh rows the teacher is a random target: it misses b_T = (I − H_T)θ on average, and scatters by H_T² S_TT/n and
    its draws. The gap is between unseen rows and those that the teacher was trained on.
    """
    teacher = teacher_loss(o, c)
    passed = ratio(c.teacher_draws, o.teacher_residual)
    target = Parabola(
        c.noise + o.student_bias,
        -2.0 * (c.noise + o.bias - o.carried_student),
        c.noise * (1.0 + c.soft_noise)
        + (o.teacher_bias - 2.0 * o.carried_teacher + o.carried)
        + (o.teacher_squared - 2.0 * o.teacher_heavy + o.both_heavy) * teacher
        + passed * (o.teacher_filling - 2.0 * o.shared + o.student_heavy),
    ).over(o.student_regular)
    own = drawn(c.student_spread, o.student_filling, o.student_residual)
    risk = Parabola(
        o.student_squared * target.start + o.student_bias + own,
        o.student_squared * target.slope + 2.0 * o.carried_student,
        o.student_squared * target.curvature + o.carried + o.both_heavy * teacher + passed * o.student_heavy,
    )
    gap = Parabola(
        0.0 * own,
        2.0 * o.shared * (c.noise + o.bias),
        2.0 * o.shared * (o.carried_teacher + o.teacher_heavy * teacher) + o.shared * o.shared * (passed - teacher),
    )
    return gap, risk
