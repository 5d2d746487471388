"""Naive, literal statements of the library's formulas, in label space.

Everything here works on vectors of n labels and d weights with explicit inverses and determinants: no sufficient
statistic, no eigenbasis, no rearrangement. Clarity comes before accuracy: expect about 1e-10 for d ≤ 12, n ≤ 40 and
eigenvalues of XᵀX up to 10⁵ penalties. Nothing is imported from ``lingauss``: agreement is evidence.

Conventions: a row of labels is y (n,), a row of weights is w (d,); the k outputs are independent rows that share every
covariance. A *kernel* is a pair (M, V), M (n, d) and V (d, d): given labels y, the weights are N(y M, V). Noises are
standard deviations, ``floor`` is a variance, divergences are in nats. Sections refer to ``docs/theory.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.linalg
import scipy.optimize
from numpy.typing import NDArray

Array = NDArray[np.floating]
Kernel = tuple[Array, Array]
Blocks = tuple[Array, Array, Array]

SINGULAR = 1e-13  # a smallest eigenvalue below this fraction of the largest is 0 up to rounding


@dataclass(frozen=True, eq=False)
class Setting:
    """One distillation experiment (§2): X (n, d), truth (k, d), basis (d, r) orthonormal; ``None`` is the default."""

    X: Array
    truth: Array
    label_noise: float = 1.0
    teacher_penalty: float = 1.0
    teacher_temperature: float = 1.0
    teacher_noise: float | None = None
    student_penalty: float = 1.0
    student_temperature: float = 1.0
    student_noise: float | None = None
    basis: Array | None = None
    floor: float | None = None
    temperature: float = 1.0
    mixing: float = 1.0
    draws: int = 1

    @property
    def mean_labels(self) -> Array:
        """X w for each output, as rows: (k, n)."""
        return self.truth @ self.X.T

    @property
    def U(self) -> Array:
        """Orthonormal basis of what the student sees: (d, r)."""
        return np.eye(self.X.shape[1]) if self.basis is None else self.basis

    @property
    def floor_variance(self) -> float:
        """Variance of the student's discarded weights; by default its prior variance τ_S σ_S² / λ_S (§2)."""
        if self.floor is not None:
            return self.floor
        if self.U.shape[1] == self.U.shape[0]:
            return 0.0
        if self.student_penalty == 0 or self.student_temperature == 0:
            raise ValueError("the default floor is undefined: set one")
        sigma = self.label_noise if self.student_noise is None else self.student_noise
        return self.student_temperature * sigma**2 / self.student_penalty


def complement(U: Array) -> Array:
    """Orthonormal basis (d, d - r) of what is orthogonal to the columns of U (d, r)."""
    d, r = U.shape
    return np.eye(d) if r == 0 else scipy.linalg.qr(U)[0][:, r:]


def ridge_kernel(X: Array, penalty: float, noise: float, temperature: float) -> Kernel:
    """Condition w ~ N(0, (σ²/λ) I) on y = X w + N(0, σ² I), covariance times τ_w (§1); λ = 0 is least squares."""
    n, d = X.shape
    if penalty > 0:
        # Covariances of (w, y) in units of σ², so that σ = 0 is legal.
        cov_ww, cov_wy, cov_yy = np.eye(d) / penalty, X.T / penalty, X @ X.T / penalty + np.eye(n)
        gain = np.linalg.solve(cov_yy, cov_wy.T).T  # an explicit inverse loses three more digits here
        cov = cov_ww - gain @ cov_wy.T
    else:
        cov = np.linalg.inv(X.T @ X)
        gain = cov @ X.T
    return gain.T, temperature * noise**2 * cov


def teacher_kernel(setting: Setting) -> Kernel:
    """Law of the teacher's weights given the labels, N(y M, V): M (n, d), V (d, d)."""
    noise = setting.label_noise if setting.teacher_noise is None else setting.teacher_noise
    return ridge_kernel(setting.X, setting.teacher_penalty, noise, setting.teacher_temperature)


def mixed_label_kernel(setting: Setting) -> Kernel:
    """Labels (1-ξ) y + ξ ŷ, with ŷ the mean of m draws X w_T + N(0, τν² I), given y (§2): both parts (n, n)."""
    X, xi, n = setting.X, setting.mixing, len(setting.X)
    M, V = teacher_kernel(setting)
    one_draw = X @ V @ X.T + setting.temperature * setting.label_noise**2 * np.eye(n)
    return (1 - xi) * np.eye(n) + xi * M @ X.T, xi**2 * one_draw / setting.draws


def retained_kernel(setting: Setting) -> Kernel:
    """Law of the weights B on the features X U given the labels (§2): ridge of the mixed labels; (n, r) and (r, r)."""
    noise = setting.label_noise if setting.student_noise is None else setting.student_noise
    mix, mix_cov = mixed_label_kernel(setting)
    M, V = ridge_kernel(setting.X @ setting.U, setting.student_penalty, noise, setting.student_temperature)
    return mix @ M, V + M.T @ mix_cov @ M


def student_kernel(setting: Setting) -> Kernel:
    """Law of the student's weights given the labels (§2): B Uᵀ, and N(0, floor I) on the complement of U."""
    U, U_perp = setting.U, complement(setting.U)
    M, V = retained_kernel(setting)
    return M @ U.T, U @ V @ U.T + setting.floor_variance * U_perp @ U_perp.T


def student_predictor_kernel(setting: Setting) -> Kernel:
    """Law of the weights that the student predicts with: those it discards are exactly 0 (§2)."""
    return student_kernel(replace(setting, floor=0.0))


def gaussian_kl(m1: Array, S1: Array, m2: Array, S2: Array) -> float:
    """½[tr(S2⁻¹S1) + (m2-m1)ᵀS2⁻¹(m2-m1) - d + log det S2 - log det S1], means (d,), S2 regular; S1 singular: +∞."""
    eigenvalues, shift = np.linalg.eigvalsh(S1), m2 - m1
    if eigenvalues.size and eigenvalues[0] <= SINGULAR * eigenvalues[-1]:
        return math.inf
    precision = np.linalg.inv(S2)
    logdets = np.linalg.slogdet(S2)[1] - np.linalg.slogdet(S1)[1]
    return float(np.trace(precision @ S1) + shift @ precision @ shift - len(m1) + logdets) / 2


def spread_kl(S1: Array, S2: Array) -> float:
    """KL(N(0, S1) ‖ N(0, S2))."""
    return gaussian_kl(np.zeros(len(S1)), S1, np.zeros(len(S2)), S2)


def expected_kl(student: Kernel, teacher: Kernel, mean_labels: Array, noise: float) -> float:
    """Σ_outputs E KL(N(y M_S, V_S) ‖ N(y M_T, V_T)) over y ~ N(mean_labels, noise² I_n), mean_labels (k, n)."""
    (M_S, V_S), (M_T, V_T) = student, teacher
    D = M_S - M_T
    from_noise = noise**2 * np.trace(D @ np.linalg.inv(V_T) @ D.T) / 2
    return sum(gaussian_kl(y @ M_S, V_S, y @ M_T, V_T) + float(from_noise) for y in mean_labels)


def divergence(setting: Setting) -> float:
    """K_n = E_y KL(student ‖ teacher), summed over outputs, y ~ N(X w, ν² I_n) (§3)."""
    return expected_kl(student_kernel(setting), teacher_kernel(setting), setting.mean_labels, setting.label_noise)


def observed_divergence(setting: Setting, Y: Array) -> float:
    """KL(student ‖ teacher) at the labels Y (n, k), summed over outputs (§3)."""
    return expected_kl(student_kernel(setting), teacher_kernel(setting), Y.T, 0.0)


def _predictive_kernels(setting: Setting, X_test: Array | None) -> tuple[Kernel, Kernel]:
    """Student's and teacher's laws of the labels X_test w + N(0, ν² I) given y: parts (n, n_test), (n_test, n_test)."""
    X_test = setting.X if X_test is None else X_test
    noise = setting.label_noise**2 * np.eye(len(X_test))
    (M_S, V_S), (M_T, V_T) = student_kernel(setting), teacher_kernel(setting)
    return (M_S @ X_test.T, X_test @ V_S @ X_test.T + noise), (M_T @ X_test.T, X_test @ V_T @ X_test.T + noise)


def prediction_divergence(setting: Setting, X_test: Array | None = None) -> float:
    """E_y KL of the joint laws of all labels of X_test (n_test, d); None: X (§3, Predictions)."""
    return expected_kl(*_predictive_kernels(setting, X_test), setting.mean_labels, setting.label_noise)


def observed_prediction_divergence(setting: Setting, Y: Array, X_test: Array | None = None) -> float:
    """The same at the labels Y (n, k)."""
    return expected_kl(*_predictive_kernels(setting, X_test), Y.T, 0.0)


def _half_square(rows: Array, precision: Array) -> float:
    """½ Σ_j x_jᵀ P x_j over rows x_j."""
    return float(np.trace(rows @ precision @ rows.T)) / 2


def _blocks(cov: Array, U: Array) -> Blocks:
    """Covariances of (a, a), (a, b), (b, b) for a = Uᵀw, b = U⊥ᵀw."""
    U_perp = complement(U)
    return U.T @ cov @ U, U.T @ cov @ U_perp, U_perp.T @ cov @ U_perp


def _condition(blocks: Blocks) -> tuple[Array, Array]:
    """E[a | b] = E[a] + slope (b - E[b]): the slope and the conditional covariance of a; b = 0 tells nothing."""
    aa, ab, bb = blocks
    slope = ab @ np.linalg.inv(bb) if bb.any() else np.zeros_like(ab)
    return slope, aa - slope @ ab.T


def _chain_rule(mean: Array, noise: Array, S: Blocks, T: Blocks, U: Array, k: int) -> Array:
    """KL(S‖T) = KL(S_b‖T_b) + E_{b~S_b} KL(S_{a|b}‖T_{a|b}), each expectation of a square split by its cause: (2, 3).

    Rows (·, d) are differences of the laws' means: ``mean`` for k outputs, ``noise`` for ν times each of n unit labels.
    """
    U_perp, S_bb, T_bb = complement(U), S[2], T[2]
    (slope_S, S_given), (slope_T, T_given) = _condition(S), _condition(T)
    P_given, P_b = np.linalg.inv(T_given), np.linalg.inv(T_bb)

    # E_S[a | b] - E_T[a | b] = (row @ given_b) + slopes (b - E_S[b]): the spread of b adds to the square.
    given_b, slopes = U - U_perp @ slope_T.T, slope_S - slope_T
    spread_of_b = float(np.trace(P_given @ slopes @ S_bb @ slopes.T)) / 2
    retained = (
        _half_square(mean @ given_b, P_given),
        k * _half_square(noise @ given_b, P_given),
        k * (spread_kl(S_given, T_given) + spread_of_b),
    )
    discarded = (_half_square(mean @ U_perp, P_b), k * _half_square(noise @ U_perp, P_b), k * spread_kl(S_bb, T_bb))
    return np.array([retained, discarded])


def gaussian_cells(m1: Array, S1: Array, m2: Array, S2: Array, U: Array) -> Array:
    """Ledger of KL(N(m1, S1) ‖ N(m2, S2)), means (k, d), nonsingular covariances shared by the rows (§4): (2, 3)."""
    return _chain_rule(m1 - m2, np.zeros_like(m1), _blocks(S1, U), _blocks(S2, U), U, len(m1))


def _cells(setting: Setting, mean_labels: Array, noise: float) -> Array:
    """The ledger (2, 3) for labels N(mean_labels, noise² I), mean_labels (k, n)."""
    U = setting.U
    (M_S, _), (M_T, V_T), (_, S_aa) = student_kernel(setting), teacher_kernel(setting), retained_kernel(setting)
    r, d_b = len(S_aa), len(U) - len(S_aa)
    S = S_aa, np.zeros((r, d_b)), setting.floor_variance * np.eye(d_b)  # B and the unlearned weights are independent
    D = M_S - M_T
    return _chain_rule(mean_labels @ D, noise * D, S, _blocks(V_T, U), U, len(mean_labels))


def cells(setting: Setting) -> Array:
    """Rows retained, discarded; columns mean, label noise, spread, averaged over labels (§4): (2, 3)."""
    return _cells(setting, setting.mean_labels, setting.label_noise)


def observed_cells(setting: Setting, Y: Array) -> Array:
    """The same at the labels Y (n, k): the label-noise column is 0."""
    return _cells(setting, Y.T, 0.0)


def _rank_irreducible(setting: Setting, mean_labels: Array, noise: float) -> float:
    variances = np.linalg.eigvalsh(_blocks(teacher_kernel(setting)[1], setting.U)[2])
    if not variances.size:
        return 0.0

    def rank_cost(log_floor: float) -> float:
        return float(_cells(replace(setting, floor=math.exp(log_floor)), mean_labels, noise)[1].sum())

    bounds = math.log(variances[0]) - 1, math.log(variances[-1]) + 1
    best = scipy.optimize.minimize_scalar(rank_cost, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return float(best.fun)


def rank_irreducible(setting: Setting) -> float:
    """Rank cost, the second row of ``cells``, minimised numerically over the floor (§4, §5)."""
    return _rank_irreducible(setting, setting.mean_labels, setting.label_noise)


def observed_rank_irreducible(setting: Setting, Y: Array) -> float:
    """The same at the labels Y (n, k)."""
    return _rank_irreducible(setting, Y.T, 0.0)


def _risk_and_gap(setting: Setting, kernel: Kernel, test_cov: Array | None) -> tuple[float, float]:
    """E tr((W - W*) Σ_x (W - W*)ᵀ), and that + kν² - (1/n) E‖Y - X Wᵀ‖², over labels and weights."""
    (M, V), X, n, k, nu = kernel, setting.X, len(setting.X), len(setting.truth), setting.label_noise
    cov = X.T @ X / n if test_cov is None else test_cov
    # W - W* = (mean labels) M - W* + noise M + spread
    bias = setting.mean_labels @ M - setting.truth
    risk = np.trace(bias @ cov @ bias.T) + k * np.trace((nu**2 * M.T @ M + V) @ cov)
    # Y - X Wᵀ, transposed: (mean labels + noise)(I - M Xᵀ) - spread Xᵀ
    residual, left = np.eye(n) - M @ X.T, setting.mean_labels @ (np.eye(n) - M @ X.T)
    loss = np.trace(left @ left.T) + k * np.trace(nu**2 * residual.T @ residual + X @ V @ X.T)
    return float(risk), float(risk + k * nu**2 - loss / n)


def excess_risk(setting: Setting, test_cov: Array | None = None) -> tuple[float, float]:
    """E tr((W - W*) Σ_x (W - W*)ᵀ) of teacher and student's predictor (§5, §7); test_cov (d, d), None: XᵀX/n."""
    teacher, student = teacher_kernel(setting), student_predictor_kernel(setting)
    return _risk_and_gap(setting, teacher, test_cov)[0], _risk_and_gap(setting, student, test_cov)[0]


def gaps(setting: Setting, test_cov: Array | None = None) -> tuple[float, float]:
    """E‖y* - W x*‖² - (1/n) E‖Y - X Wᵀ‖² of teacher and student's predictor (§7); test_cov (d, d), None: XᵀX/n."""
    teacher, student = teacher_kernel(setting), student_predictor_kernel(setting)
    return _risk_and_gap(setting, teacher, test_cov)[1], _risk_and_gap(setting, student, test_cov)[1]


def ridge_plug_in(X: Array, Y: Array, penalty: float, nu: float) -> tuple[Array, Array]:
    """Posterior of the weights given Y (n, k), prior N(0, (ν²/λ) I) (§3): mean (k, d), row covariance (d, d)."""
    M, V = ridge_kernel(X, penalty, nu, 1.0)
    return Y.T @ M, V


def centred_regression_gap(X: Array, nu: float, penalty: float, k: int) -> float:
    """Optimism 2ν²k tr(H)/n of ridge with an unpenalised intercept, H (n, n) the hat matrix of [1, X] (§1, §7)."""
    n, d = X.shape
    design, penalties = np.column_stack([np.ones(n), X]), penalty * np.diag([0.0] + [1.0] * d)
    H = design @ np.linalg.inv(design.T @ design + penalties) @ design.T
    return float(2 * nu**2 * k * np.trace(H) / n)
