"""Which columns to keep: forward selection by the closed-form excess risk of ridge on some of the features."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lingauss.validation import Array


def forward_selection(
    gram: Array, signal: Array, penalty: float, noise_power: float
) -> tuple[npt.NDArray[np.intp], Array]:
    """Return all features, each the one that lowers the excess risk most when it joins those before it.

    Of ridge on features S with H = G_SS + λI, n times the excess risk is

        tr GΣ − tr H⁻¹C_SS − λ tr H⁻²C_SS + kν²(|S| − 2λ tr H⁻¹ + λ² tr H⁻²),   C = GΣG, Σ = E[W*ᵀW*]

    (docs/theory.md §5.7 for student labels that are the true ones). A feature that joins adds vvᵀ to H⁻¹, so that all
    candidates are judged at once, without a solve.

    Parameters
    ----------
    gram, signal : (d, d)
        G and Σ.
    penalty : float
        λ > 0.
    noise_power : float
        kν².

    Returns
    -------
    order : (d,) of int
    risks : (d + 1,)
        n times the excess risk of the first r features.
    """
    d = len(gram)
    power = gram @ signal @ gram
    chosen: list[int] = []
    inverse = np.zeros((0, 0))  # of H
    risks = [float(np.sum(gram * signal))]
    left = np.ones(d, dtype=np.bool_)
    for _ in range(d):
        others = np.flatnonzero(left)
        across, inside = gram[chosen][:, others], power[chosen][:, others]
        link = inverse @ across  # H⁻¹G_Sj
        square = gram[others, others] + penalty - np.sum(across * link, axis=0)
        # v = (−H⁻¹G_Sj, 1)/√s; below, everything is times s or s².
        long = 1.0 + np.sum(np.square(link), axis=0)  # s|v|²
        back = inverse @ link  # −√s H⁻¹v on S
        seen = power[chosen][:, chosen] @ link
        energy = np.sum(link * seen, axis=0) - 2.0 * np.sum(link * inside, axis=0) + power[others, others]  # s vᵀCv
        turned = np.sum(back * seen, axis=0) - np.sum(back * inside, axis=0)  # s (H⁻¹v)ᵀCv
        first = energy / square
        second = 2.0 * turned / square + long * energy / np.square(square)
        trace = long / square
        trace_square = 2.0 * np.sum(link * back, axis=0) / square + np.square(long / square)
        change = -first - penalty * second + noise_power * (1.0 - 2.0 * penalty * trace + penalty**2 * trace_square)
        best = int(np.argmin(change))
        vector = np.append(-link[:, best], 1.0) / np.sqrt(square[best])
        inverse = np.pad(inverse, ((0, 1), (0, 1))) + np.outer(vector, vector)
        chosen.append(int(others[best]))
        left[others[best]] = False
        risks.append(risks[-1] + float(change[best]))
    return np.array(chosen, dtype=np.intp), np.array(risks)
