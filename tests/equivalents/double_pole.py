"""The literal form of the theory for one view, which needs only κ: another route to the same numbers."""

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties


def student_risk(s, power, n, noise_energy, penalty_t, penalty_s, mixing):
    """E_SS + 2ξℓ_T E₁ + ξ²ℓ_T² E₁₁ less the noise, with E₁ and E₁₁ as in docs/theory.md §10.2."""
    kt, ks = effective_penalties(s, np.array([n, n], dtype=float), np.array([penalty_t, penalty_s], dtype=float))
    ht, hs, ell = s / (s + kt), s / (s + ks), penalty_t / n

    def d(a, b):
        return 1.0 / (1.0 - np.sum(a * b) / n)

    def e(ka, kb, a, b):
        return (ka * kb * np.sum(s * power / ((s + ka) * (s + kb))) + noise_energy) * d(a, b)

    g_s = np.sum(s**2 / ((s + ks) ** 2 * (s + kt))) / n
    g_t = np.sum(s**2 / ((s + kt) ** 2 * (s + ks))) / n
    g_2 = np.sum(s**2 / ((s + ks) ** 2 * (s + kt) ** 2)) / n
    a_s = ks * np.sum(s**2 * power / ((s + ks) ** 2 * (s + kt)))
    n_2 = np.sum(s**3 * power / ((s + ks) ** 2 * (s + kt) ** 2))
    e_ss, e_st = e(ks, ks, hs, hs), e(ks, kt, hs, ht)
    first = d(hs, ht) ** 2 * (a_s - g_s * e_ss)
    second = d(hs, ht) ** 2 * d(ht, ht) * (g_2 * e_st + n_2 + (g_s + g_t) * d(hs, hs) * (g_s * e_st - a_s))
    return e_ss + 2 * mixing * ell * first + (mixing * ell) ** 2 * second - noise_energy
