"""What captions of risks and gaps must say: words with holes, and the numbers that belong in them.

The numbers are found without the code that wrote them: from the CSV with pandas, from one design at a time, from a
quadratic in ξ, from a scalar minimisation over the penalty.
"""

from functools import cache

import numpy as np
from scipy.optimize import minimize_scalar

import lingauss as lg


@cache
def tuned(problem):
    """The penalty at which ridge regression alone has the least risk, and that risk, found by a scalar minimisation."""

    def risk(log):
        ridge = lg.Ridge(np.exp(log), temperature=0.0)
        return lg.Distillation(problem, ridge, ridge, temperature=0.0).excess_risk().teacher

    found = minimize_scalar(risk, bounds=(np.log(1e-7), np.log(1e5)), method="bounded", options={"xatol": 1e-9})
    return float(np.exp(found.x)), float(found.fun)


def risks(case):
    """What a student is held against: teacher's draws, its mean predictions, a tuned teacher, its own hard labels."""
    return {
        "student": case.excess_risk().student,
        "hard": case.replace(mixing=0.0).excess_risk().student,
        "draw": case.excess_risk().teacher,
        "mean": case.replace(teacher_temperature=0.0).excess_risk().teacher,
        "tuned": tuned(case.problem)[1],
        "penalty": tuned(case.problem)[0],
    }


@cache
def risk_by_share(case, rank):
    """The student's excess risk, a quadratic in ξ, on the grid of shares, from three designs."""
    points = np.array([-1.0, 0.5, 2.0])
    values = [case.replace(rank=rank, mixing=point).excess_risk().student for point in points]
    return np.polyval(np.polyfit(points, values, 2), np.linspace(-1.0, 2.0, 1201))


def student_beats_teacher(study, f):
    shares, found = np.linspace(-1.0, 2.0, 1201), risks(study.case)
    curves = {rank: risk_by_share(study.case, rank) for rank in range(1, study.full_rank + 1)}
    best = min(curves, key=lambda rank: curves[rank].min())
    least, at_zero = curves[best].min(), np.argmin(np.abs(shares))
    gained = {rank: 1.0 - curve.min() / curve[at_zero] for rank, curve in curves.items()}
    most = max(gained, key=gained.get)
    risk = f["student_excess_risk"]
    return {
        "title": ("where the student beats its teacher", {}),
        "what": (
            "Excess risk of the student's predictor as a multiple of the teacher's, over student rank and share of "
            "soft labels, the teacher being one draw of its posterior. Lines part who wins against that draw, against "
            "the teacher's mean predictions and against ridge at its best penalty; beads, the best share by rank. At ξ "
            "= 0 the student learns from hard labels alone; shares below 0 subtract the teacher's labels.",
            {},
        ),
        "finding": (
            "Best student (rank {rank:d}, ξ = {share:f2}): {draw:p} % of the risk of its teacher's draw ({hard:p} % on "
            "hard labels alone), {mean:p} % of its mean predictions', {tuned:p} % of a tuned teacher's.",
            {
                "rank": best,
                "share": shares[curves[best].argmin()],
                "hard": curves[best][at_zero] / found["draw"],
                **{name: least / found[name] for name in ("draw", "mean", "tuned")},
            },
        ),
        "why": (
            "The student wins on {draw:p} % of the map against its teacher's draw, on {mean:p} % against the mean "
            "predictions and on {tuned:p} % against a tuned teacher. It is colder than its teacher and shrinks less; "
            "both can be had without one. What soft labels add at the same rank and penalty is at most {gained:p} % "
            "(rank {most:d}): they correct the student's shrinkage at the price of their noise, which grows like ξ². "
            "The best share goes from {first:f2} at rank 1 to {last:f2} at full rank.",
            {
                **{name: (risk < found[name]).mean() for name in ("draw", "mean", "tuned")},
                "gained": gained[most],
                "most": most,
                "first": shares[curves[1].argmin()],
                "last": shares[curves[study.full_rank].argmin()],
            },
        ),
        "source": ("Both excess risks are exact at fixed design; they are derived in docs/theory.md §5.7.", {}),
    }


def pareto_front(study, f):
    aims = ("divergence", "student_excess_risk")
    values = f[list(aims)].to_numpy()
    beaten = [np.any(np.all(values <= row, axis=1) & np.any(values < row, axis=1)) for row in values]
    front = f[~np.array(beaten)]
    closest = f.loc[f["divergence"].idxmin()]
    scaled = [(front[aim] - front[aim].min()) / (front[aim].max() - front[aim].min()) for aim in aims]
    bend = front.loc[(scaled[0] + scaled[1]).idxmin()]  # farthest from the line between the ends of the front
    least = f["student_excess_risk"].min()
    safe = f[f["student_excess_risk"] <= 1.1 * least]
    small = safe[safe["student_rank"] == safe["student_rank"].min()]
    small = small.loc[small["student_excess_risk"].idxmin()]
    found = risks(study.case.replace(draws=8, temperature=5.0))
    told = {"share": 0.1}
    for name, design in (("c", closest), ("k", bend), ("s", small)):
        told |= {f"{name}r": design["student_rank"], f"{name}x": design["mixing"]}
    return {
        "title": ("close to the teacher, or right?", {}),
        "what": (
            "Every design of {ranks:d} ranks and {shares:d} shares of soft labels from −0.5 to 1.5, by excess risk and "
            "divergence; in colour, by rank, those that no other beats in both. Marked, the closest student, the knee "
            "of that front, and the smallest student within {slack:p} % of the least risk.",
            {"ranks": study.full_rank + 1, "shares": f["mixing"].nunique(), "slack": 0.1},
        ),
        "finding": (
            "Closest: rank {cr:d}, ξ = {cx:f2}. Knee: rank {kr:d}, ξ = {kx:f2}. Smallest within {share:p} %: rank "
            "{sr:d}, ξ = {sx:f2}.",
            told,
        ),
        "why": (
            "Imitating the teacher and predicting well are different aims: the closest student has {more:p} % more "
            "risk than the safest, at {least:n}. The knee, the design on the front farthest from the line between its "
            "ends, has {times:n} times the least divergence and {bent:p} % more than the least risk. For comparison, "
            "the teacher's draws risk {draw:n}, its mean predictions {mean:n}, a tuned teacher (λ = {penalty:n}) "
            "{tuned:n}.",
            {
                "more": closest["student_excess_risk"] / least - 1.0,
                "least": least,
                "times": bend["divergence"] / closest["divergence"],
                "bent": bend["student_excess_risk"] / least - 1.0,
                **{name: found[name] for name in ("draw", "mean", "tuned", "penalty")},
            },
        ),
        "source": (
            "The divergence is that of Li and He (arXiv:2605.13143); the excess risk is derived in docs/theory.md "
            "§5.7.",
            {},
        ),
    }


def bounds_and_truth(study, f):
    bound = f.pivot(index="temperature", columns="bound", values="value")
    alone = f.drop_duplicates("temperature").set_index("temperature")
    upper, information = bound["variance proxy upper"], bound["mutual information"]
    best = upper.idxmin()
    assert f["holds"].all()
    assert best == alone["divergence"].idxmin()
    edge = "" if bound.index[0] < best < bound.index[-1] else ", at the edge of the range"
    why = (
        f"Every hypothesis holds. The divergence's bound is tightest where the divergence is least{edge}. The "
        "information bound is the tighter one over {share:p} % of the temperatures: noisier soft labels tell the "
        "student less about the labels, while they drive it away from its teacher."
    )
    return {
        "title": ("bounds and truth", {}),
        "what": (
            "Exact generalisation gap of the student of rank {rank:d}, which soft-label noise leaves as it is, with "
            "upper and lower bounds on it: from the divergence (variance proxy, shaded), from the distance of student "
            "and teacher (sharpness), and from the information the student holds about the labels.",
            {"rank": sorted(study.ranks)[2]},
        ),
        "finding": (
            "The divergence's bound is closest at τ = {at:g2}: {times:n} times the exact gap.",
            {"at": best, "times": upper[best] / alone["student_gap"][best]},
        ),
        "why": (why, {"share": (information < upper).mean()}),
        "source": (
            "That a sub-Gaussian bound of this form holds is stated by Li and He (arXiv:2605.13143), as is the idea of "
            "a sharpness-aware one; the constants, exact here at fixed design, are derived in docs/theory.md §7.",
            {},
        ),
    }
