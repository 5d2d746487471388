"""How unequal leverages may be before moments alone misjudge errors on unseen rows, by experiment.

Rows z·Σ^½x with Gaussian x and a scale z of their own (1, two values, or that of a multivariate t), teachers by ridge.
Printed per statistic of the leverages: how well it ranks designs by the bias of the estimate from moments, and that
bias in bins of it. The threshold ``UNEQUAL`` of ``lingauss.unseen.reliability`` was read off the last table.
"""

import itertools

import numpy as np

import lingauss as lg

SCALES = {
    "Gaussian": lambda rng, n: np.ones(n),
    "two scales, 1 : 1.5": lambda rng, n: rng.choice([0.8, 1.2], n),
    "two scales, 1 : 2.6": lambda rng, n: rng.choice([0.5, 1.32], n),
    "t9": lambda rng, n: np.sqrt(9 / rng.chisquare(9, n)),
    "t5": lambda rng, n: np.sqrt(5 / rng.chisquare(5, n)),
    "t3": lambda rng, n: np.sqrt(3 / rng.chisquare(3, n)),
}
SIZES = (60, 200)
RATIOS = (0.5, 1.0, 2.0, 5.0)  # n/d
PENALTIES = (0.01, 0.1, 1.0)  # per row
TRIALS = 20
STATISTICS = {
    "largest / mean": lambda h: h.max() / h.mean(),
    "deviation / mean": lambda h: h.std() / h.mean(),
    "deviation / (1 - mean)": lambda h: h.std() / (1 - h.mean()),
    "deviation / mean of h/(1 - h)": lambda h: np.std(h / (1 - h)) / np.mean(h / (1 - h)),
    "error in h/(1 - h)": lambda h: 1 - np.mean(h * (1 - h)) / np.mean(h / (1 - h)) / np.mean(1 - h) ** 2,
}


def trial(rng, scale, n, d, penalty):
    """Return both estimates of one data set, the truth, and its leverages."""
    root = np.arange(1, d + 1) ** -0.5
    w = rng.standard_normal(d) / np.sqrt(np.sum(root**2))
    rows, labels = [], []
    for count in (n, 2000):
        X = SCALES[scale](rng, count)[:, None] * rng.standard_normal((count, d)) * root
        rows.append(X)
        labels.append(X @ w + 0.5 * rng.standard_normal(count))
    (X, unseen), (Y, held) = rows, labels
    moments = lg.Moments.from_data(X, Y, center=False)
    learner = lg.Ridge(penalty * n, temperature=0.0)
    problem = lg.Problem.from_moments(moments, label_noise=0.5)
    case = lg.Distillation(problem, teacher=learner, student=learner, temperature=0.0)
    gram = X.T @ X + penalty * n * np.eye(d)
    leverages = np.einsum("ij,ji->i", X, np.linalg.solve(gram, X.T))
    weights = np.linalg.solve(gram, X.T @ Y)
    estimates = float(case.cross_validation().teacher), float(case.cross_validation(rows=(X, Y)).teacher)
    return *estimates, np.mean((held - unseen @ weights) ** 2), leverages


def main():
    import warnings

    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    results = []
    for scale, n, ratio, penalty in itertools.product(SCALES, SIZES, RATIOS, PENALTIES):
        found = [trial(rng, scale, n, int(n / ratio), penalty) for _ in range(TRIALS)]
        moments, rows, truth = (np.mean([each[part] for each in found]) for part in range(3))
        statistics = {name: np.median([statistic(each[3]) for each in found]) for name, statistic in STATISTICS.items()}
        statistics["both estimates apart"] = np.median([abs(each[0] / each[1] - 1) for each in found])
        results.append((scale, n, ratio, penalty, moments / truth - 1, rows / truth - 1, statistics))
    bias = np.array([abs(result[4]) for result in results])
    print(f"{'rows':22s} {'worst from moments':>20s} {'worst leave-one-out':>20s}")
    for scale in SCALES:
        worst = [
            max((abs(result[part]), result[part]) for result in results if result[0] == scale)[1] for part in (4, 5)
        ]
        print(f"{scale:22s} {worst[0]:+20.1%} {worst[1]:+20.1%}")
    for name in statistics:
        values = np.array([result[6][name] for result in results])
        ranks = [np.argsort(np.argsort(x)) for x in (values, bias)]
        print(f"\n{name}: rank correlation with the bias {np.corrcoef(*ranks)[0, 1]:.2f}")
        edges = np.quantile(values, np.linspace(0, 1, 9))
        for low, high in itertools.pairwise(edges):
            some = bias[(values >= low) & (values <= high)]
            print(
                f"  {low:8.3f} to {high:8.3f}: median bias {np.median(some):6.1%}, largest {some.max():6.1%}, "
                f"over 10 % {np.mean(some > 0.1):5.0%}"
            )


if __name__ == "__main__":
    main()
