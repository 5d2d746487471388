"""Numbers whose formulas are derived, as the methods of a design give them."""


def numbers_of(case):
    ledger, gaps, risks = case.divergence(), case.gaps(), case.excess_risk()
    return {
        "divergence": ledger.total,
        "bias": ledger.bias,
        "variance": ledger.variance,
        "rank_bottleneck": ledger.rank_bottleneck,
        "prediction_divergence": case.prediction_divergence().total,
        "teacher_gap": gaps.teacher,
        "student_gap": gaps.student,
        "teacher_excess_risk": risks.teacher,
        "student_excess_risk": risks.student,
    }
