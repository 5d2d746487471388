"""Check every bound against the exact gap on many random designs, and how tight each one gets.

Run ``python benchmarks/bounds_hold.py [designs] [seed]``; 100,000 designs take some minutes. It exits with an error if
a bound whose hypothesis holds is on the wrong side of the gap by more than rounding.
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from pathlib import Path

import numpy as np

import lingauss as lg
from lingauss.errors import TiedSpectrumWarning

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from random_cases import draw_case

ROUNDING = 1e-9


def tightness(bound: lg.Bound, teacher_gap: float, size: float) -> float:
    """Return how much of what a bound allows is used: 1 where it is attained, 0 where the gap moved the other way."""
    base = 0.0 if "mutual" in bound.name or bound.learner == "teacher" else teacher_gap
    allowed = abs(bound.value - base)
    moved = (base - bound.exact_gap) if bound.side == "lower" else (bound.exact_gap - base)
    return max(moved, 0.0) / allowed if allowed > 1e-9 * size else 0.0


def main(designs: int = 100_000, seed: int = 1) -> int:
    """Draw the designs, half under another test covariance, and print a line per bound."""
    warnings.simplefilter("ignore", TiedSpectrumWarning)
    seen: dict[str, list[tuple[float, float, bool]]] = {}
    started, worse, label_off, predictions_off = time.perf_counter(), 0, 0, 0
    for number in range(designs):
        case, rows = draw_case(np.random.default_rng([seed, number]), moved=number % 2 == 1)
        table = case.bounds(rows=rows if number % 20 < 2 else None)
        size = max(abs(bound.exact_gap) for bound in table)
        for bound in table:
            slack = -abs(bound.slack) if bound.side == "equal" else bound.slack
            scale = size + (abs(bound.value) if math.isfinite(bound.value) else 0.0)
            ratio = tightness(bound, table.teacher_gap, size)
            seen.setdefault(bound.name, []).append((slack / scale if scale else 0.0, ratio, bound.holds))
        for side, sign in (("upper", 1.0), ("lower", -1.0)):
            sharp, plain = table[f"Chernoff {side}"].value, table[f"unconditional Chernoff {side}"].value
            worse += bool(math.isfinite(plain) and sign * (plain - sharp) < -ROUNDING * (size + abs(plain)))
        label = case.label_divergence()
        label_off += label.exact > label.bound * (1 + ROUNDING)
        predictions_off += case.prediction_divergence().total > table.divergence * (1 + ROUNDING) + 1e-12
    print(f"{designs} designs in {time.perf_counter() - started:.0f} s")
    print(f"conditional worse than unconditional: {worse}")
    print(f"label divergence above its convexity bound: {label_off}")
    print(f"predictions further apart than weights: {predictions_off}")
    print(f"{'bound':46s} {'holds':>8s} {'finite':>8s} {'wrong':>6s} {'worst slack':>12s} {'tightest':>9s}")
    wrong = worse + label_off + predictions_off
    for name, rows_of in seen.items():
        slack, ratio, holds = (np.array(column) for column in zip(*rows_of, strict=True))
        off = int(np.sum(slack[holds] < -ROUNDING))
        wrong += off
        finite = int(np.sum(np.isfinite(slack[holds])))
        worst, tightest = slack[holds].min(initial=math.inf), ratio[holds].max(initial=0.0)
        print(f"{name:46s} {int(holds.sum()):8d} {finite:8d} {off:6d} {worst:12.2e} {tightest:9.6f}")
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(*(int(argument) for argument in sys.argv[1:])), 1))
