"""A layer is a linear-Gaussian problem: its costs, factors and ledger against the loss, `lg.ledger` and brute force."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.special import logsumexp

import lingauss as lg
from lingauss.errors import CovarianceError, DomainError, FewInputsWarning, NotFiniteError, OverflowingError, ShapeError
from lingauss.layers import Layer

RNG = np.random.default_rng(26)
ROWS, K, D = 90, 5, 7
INPUTS = RNG.normal(size=(ROWS, D)) @ RNG.normal(size=(D, D)) + 50.0 * RNG.normal(size=D)
WEIGHT, BIAS = RNG.normal(size=(K, D)), RNG.normal(size=K)
S = np.cov(RNG.normal(size=(K, 12)))


def layer(**changes):
    inputs = lg.Moments.from_data(changes.pop("rows_of_inputs", INPUTS), center=changes.get("bias", BIAS) is not None)
    settings = {"weight": WEIGHT, "inputs": inputs, "output_factor": S, "bias": BIAS} | changes
    return Layer(**settings)


def measured(inputs, new, new_bias, precision=S, bias=BIAS):
    """Mean of half the squared change of the outputs, weighted by S, over rows."""
    change = inputs @ (new - WEIGHT).T + new_bias - bias
    return 0.5 * np.einsum("ni,ij,nj->", change, precision, change) / len(inputs)


@pytest.mark.parametrize("rank", range(K + 1))
def test_costs_of_a_squared_loss_head_are_the_measured_ones_however_large_the_mean(rank):
    noise = 0.3
    head = Layer.for_squared_loss(WEIGHT, lg.Moments.from_data(INPUTS), noise=noise, bias=BIAS)
    left, right, bias = head.factors(rank)
    assert left.shape == (K, rank)
    assert right.shape == (rank, D)
    found = measured(INPUTS, left @ right, bias, np.eye(K) / noise**2)
    assert_allclose(found, head.costs[rank], rtol=1e-9, atol=1e-9 * head.costs[0])


@pytest.mark.parametrize("rank", range(K + 1))
def test_without_bias_the_second_moment_about_the_origin_takes_over(rank):
    plain = layer(bias=None)
    left, right, bias = plain.factors(rank)
    assert bias is None
    found = measured(INPUTS, left @ right, 0.0, bias=0.0)
    assert_allclose(found, plain.costs[rank], rtol=1e-9, atol=1e-9 * plain.costs[0])
    uncentred = layer(bias=None, inputs=lg.Moments.from_data(INPUTS, center=False))
    centred = layer(bias=None, inputs=lg.Moments.from_data(INPUTS, center=True))
    assert_allclose(uncentred.costs, centred.costs, rtol=1e-9, atol=1e-12 * plain.costs[0])


def test_the_shifted_bias_is_the_best_one_and_beats_a_bias_that_competes_for_rank():
    made = layer()
    new = made.factors(2).weight
    best = minimize(lambda bias: measured(INPUTS, new, bias), BIAS, method="BFGS")
    assert_allclose(made.shifted_bias(new), best.x, rtol=1e-3, atol=1e-2)
    joint = np.column_stack([WEIGHT, BIAS])
    appended = Layer(joint, lg.Moments.from_data(np.column_stack([INPUTS, np.ones(ROWS)]), center=False), S)
    assert np.all(made.costs <= appended.costs[: K + 1] * (1 + 1e-9))


def test_no_weight_of_a_rank_costs_less_than_the_factors():
    made = layer()
    least = made.costs[2]
    start = RNG.normal(size=2 * (K + D))

    def cost(flat):
        return made.ledger(flat[: 2 * K].reshape(K, 2) @ flat[2 * K :].reshape(2, D)).total

    for near in (made.factors(2).left.ravel(), start[: 2 * K]):
        flat = np.concatenate([near, made.factors(2).right.ravel() + 0.01 * start[2 * K :]])
        assert minimize(cost, flat, method="L-BFGS-B", options={"maxiter": 30}).fun >= least * (1 - 1e-9)


def test_costs_are_convex_decrease_and_end_at_zero():
    for made in (layer(), layer(bias=None), layer(damping=0.1)):
        assert len(made.costs) == K + 1
        assert made.costs[-1] == 0.0
        assert np.all(np.diff(made.costs) <= 0)
        assert np.all(np.diff(made.costs, 2) >= -1e-12 * made.costs[0])


# The ledger


def weights_of_rank(rank):
    svd = np.linalg.svd(WEIGHT)
    yield svd[0][:, :rank] * svd[1][:rank] @ svd[2][:rank]
    yield RNG.normal(size=(K, rank)) @ RNG.normal(size=(rank, D))
    yield layer().factors(rank).weight


def root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(values) @ vectors.T


@pytest.mark.parametrize("rank", range(1, K + 1))
def test_ledger_times_rows_is_that_of_the_two_matrix_normals(rank):
    made = layer()
    covariance = np.linalg.inv(ROWS * made.input_factor.matrix)
    for new in weights_of_rank(rank):
        found = made.ledger(new)
        basis = np.linalg.svd(new)[2][:rank].T
        whole = lg.ledger(lg.Gaussian(root(S) @ new, covariance), lg.Gaussian(root(S) @ WEIGHT, covariance), basis)
        scale = 1e-8 * ROWS * made.costs[0]
        assert_allclose(ROWS * found.total, whole.total, rtol=1e-8, atol=scale)
        assert_allclose(ROWS * found.left_factor, whole.bias, rtol=1e-8, atol=scale)
        assert_allclose(ROWS * (found.irreducible + found.subspace), whole.rank_bottleneck, rtol=1e-8, atol=scale)
        assert_allclose(whole.variance, 0.0, atol=1e-9)


@pytest.mark.parametrize("rank", range(1, K))
def test_ledger_parts_are_not_negative_and_refitting_mends_the_left_factor(rank):
    made = layer()
    for new in weights_of_rank(rank):
        found = made.ledger(new)
        assert min(found.irreducible, found.subspace, found.left_factor) >= 0.0
        assert_allclose(found.total, measured(INPUTS, new, made.shifted_bias(new)), rtol=1e-8, atol=1e-12)
        mended = made.ledger(made.refit(new).weight)
        assert_allclose(mended.left_factor, 0.0, atol=1e-12 * made.costs[0])
        assert_allclose(mended.subspace, found.subspace, rtol=1e-7, atol=1e-12 * made.costs[0])
    best = made.ledger(made.factors(rank).weight)
    assert_allclose([best.subspace, best.left_factor], 0.0, atol=1e-12 * made.costs[0])


def test_a_bias_left_behind_is_an_offset_of_its_own():
    made = layer()
    new = made.factors(2).weight
    found = made.ledger(new, BIAS)
    assert found.offset > 0.0
    assert_allclose(found.total, measured(INPUTS, new, BIAS), rtol=1e-8)
    assert_allclose(made.ledger(new, made.shifted_bias(new)).offset, 0.0, atol=1e-12)


def test_a_product_in_float32_has_the_rank_of_its_factors():
    made = layer()
    left, right, _ = (part.astype(np.float32) for part in made.factors(2))
    found = made.ledger(left @ right)
    assert found.rank == 2
    assert_allclose(found.total, made.costs[2], rtol=1e-3)
    assert made.ledger((left @ right).astype(np.float64)).rank == K
    with pytest.raises(DomainError, match="rank at most 2"):
        made.ledger((left @ right).astype(np.float64), rank=2)


def test_rank_zero_costs_what_the_mean_output_does_not_keep():
    made = layer()
    left, right, bias = made.factors(0)
    assert (left.shape, right.shape) == ((K, 0), (0, D))
    assert_allclose(bias, WEIGHT @ INPUTS.mean(axis=0) + BIAS)
    assert made.ledger(np.zeros((K, D))).total == pytest.approx(made.costs[0])


# Its objects


@pytest.mark.parametrize("bias", [BIAS, None])
@pytest.mark.parametrize("rank", [1, 3])
def test_half_the_excess_risk_of_its_problem_is_the_cost(bias, rank):
    made = layer(bias=bias)
    student = lg.Ridge(1e-9, temperature=0.0)
    case = lg.Distillation(made.problem(), student, student, bottleneck=made.subspace(rank), floor=0.0)
    assert_allclose(case.excess_risk().student / 2, made.costs[rank], rtol=1e-9)


# Singular and diagonal factors


def test_null_directions_of_the_output_factor_keep_what_they_do():
    centring = np.eye(K) - 1.0 / K
    made = layer(output_factor=centring @ S @ centring)
    new = made.factors(K - 1).weight
    assert_allclose(made.ledger(new).total, 0.0, atol=1e-12 * made.costs[0])
    narrow = layer(output_factor=np.outer(S[0], S[0]))  # rank 1: ranks 2 and up serve the plain outputs
    residuals = [np.linalg.norm(INPUTS @ (narrow.factors(r).weight - WEIGHT).T) for r in range(1, K + 1)]
    assert np.all(np.diff(residuals) < 0)
    assert_allclose(narrow.costs[1:], 0.0, atol=1e-12 * narrow.costs[0])


def test_inputs_that_never_vary_are_damped_and_named():
    dead = INPUTS.copy()
    dead[:, 3] = 2.0
    made = layer(rows_of_inputs=dead)
    assert made.unseen == (3,)
    assert made.damping == 1e-3
    assert layer(rows_of_inputs=dead, damping=0.0).factors(2).weight[:, 3] == pytest.approx(0.0)
    assert np.abs(made.factors(2).weight[:, 3]).max() > 0.0


def test_damping_adds_a_share_of_each_mean_eigenvalue():
    made, undamped = layer(damping=0.05), layer()
    C = undamped.input_factor.matrix
    by_hand = Layer.from_factors(
        WEIGHT,
        C + 0.05 * np.trace(C) / D * np.eye(D),
        S + 0.05 * np.trace(S) / K * np.eye(K),
        count=ROWS,
        input_mean=INPUTS.mean(axis=0),
        bias=BIAS,
    )
    assert_allclose(made.costs, by_hand.costs, rtol=1e-10, atol=1e-12)


def test_an_embedding_equals_the_layer_of_its_one_hot_tokens():
    tokens = RNG.integers(0, D - 1, size=400)  # the last token is never seen
    frequencies = np.bincount(tokens, minlength=D) / len(tokens)
    table = Layer(WEIGHT, lg.Diagonal(frequencies), S, rows=100)
    dense = Layer(WEIGHT, lg.Moments.from_data(np.eye(D)[tokens], center=False), S, rows=100, damping=0.0)
    assert_allclose(table.costs, dense.costs, rtol=1e-9, atol=1e-12)
    assert_allclose(table.factors(2).weight, dense.factors(2).weight, atol=1e-9)
    assert table.unseen == (D - 1,)
    change = np.zeros((K, D))
    change[:, -1] = 1.0
    assert table.ledger(WEIGHT + change).total == pytest.approx(0.0, abs=1e-12)
    plain = lg.Ridge(1e-9, temperature=0.0)
    case = lg.Distillation(table.problem(), plain, plain, bottleneck=table.subspace(2), floor=0.0)
    assert_allclose(case.excess_risk().student / 2, table.costs[2], rtol=1e-6)


def test_a_large_embedding_forms_no_square_of_its_vocabulary():
    width, vocabulary = 4, 200_000  # (200,000)² numbers would take 320 GB
    table = Layer(
        RNG.normal(size=(width, vocabulary)), lg.Diagonal(RNG.uniform(size=vocabulary)), np.eye(width), rows=9
    )
    left, right, _ = table.factors(2)
    assert table.ledger(left @ right).total == pytest.approx(table.costs[2])


def test_a_convolution_is_unfolded():
    kernel = WEIGHT[:, :6].reshape(K, 2, 3, 1)
    inputs = lg.Moments.from_data(INPUTS[:, :6])
    made = Layer(kernel, inputs, S, BIAS)
    assert made.kernel == (2, 3, 1)
    assert_allclose(made.costs, Layer(WEIGHT[:, :6], inputs, S, BIAS).costs)
    assert made.ledger(kernel).total == made.ledger(WEIGHT[:, :6]).total


# The last layer


def log_softmax(logits):
    return logits - logsumexp(logits, axis=1, keepdims=True)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize("bias", [BIAS, None])
def test_the_bound_of_a_last_layer_is_above_the_divergence_of_its_rows(scale, bias):
    inputs = INPUTS - INPUTS.mean(axis=0) + 0.1
    made = Layer(WEIGHT, lg.Moments.from_data(inputs), S, bias, last=True)
    offset = 0.0 if bias is None else bias
    old = log_softmax(inputs @ WEIGHT.T + offset)
    for _ in range(20):
        new = WEIGHT + scale * RNG.normal(size=(K, D))
        new_bias = None if bias is None else made.shifted_bias(new) + scale * RNG.normal(size=K)
        other = log_softmax(inputs @ new.T + (0.0 if new_bias is None else new_bias))
        divergence = np.mean(np.sum(np.exp(old) * (old - other), axis=1))
        assert 0.0 < divergence <= made.bound(new, new_bias) * (1 + 1e-9)


def test_only_a_last_layer_has_a_bound():
    with pytest.raises(DomainError, match="last layer"):
        layer().bound(WEIGHT)


# Bad input


def test_bad_factors_are_refused():
    with pytest.raises(ShapeError):
        layer(output_factor=S[:, :3])
    with pytest.raises(NotFiniteError):
        layer(output_factor=np.where(np.eye(K) > 0, np.nan, S))
    with pytest.raises(CovarianceError):
        layer(output_factor=-S)
    with pytest.raises(CovarianceError):
        layer(output_factor=-S.astype(np.float32))
    with pytest.raises(ShapeError):
        Layer.from_factors(WEIGHT, np.eye(D + 1), S, count=100)
    with pytest.raises(ShapeError):
        layer(inputs=lg.Moments.from_data(INPUTS[:, 1:]))
    with pytest.raises(DomainError, match=f"from 1 to {ROWS}"):
        layer(rows=ROWS + 1)
    with pytest.raises(DomainError, match="centred"):
        layer(inputs=lg.Moments.from_data(INPUTS, center=False))
    with pytest.raises(DomainError, match="Moments"):
        layer(inputs=np.eye(D))
    with pytest.raises(DomainError, match="rows"):
        Layer(WEIGHT, lg.Diagonal(np.ones(D)), S)
    with pytest.raises(DomainError, match="without bias"):
        Layer(WEIGHT, lg.Diagonal(np.ones(D)), S, BIAS, rows=3)
    with pytest.raises(DomainError):
        layer().factors(K + 1)
    with pytest.raises(ShapeError):
        layer().ledger(WEIGHT.T)
    with pytest.raises(DomainError, match="new_bias"):
        layer(bias=None).ledger(WEIGHT, BIAS)


def test_costs_beyond_float64_are_refused_by_name():
    with pytest.raises(OverflowingError, match="Rescale"):
        _ = layer(weight=1e200 * WEIGHT, rows_of_inputs=1e150 * INPUTS).costs


def test_layers_without_input_or_output_variation_cost_nothing():
    constant = layer(rows_of_inputs=np.ones((ROWS, D)))
    assert not constant.costs.any()
    assert constant.unseen == tuple(range(D))
    assert_allclose(constant.factors(2).bias, WEIGHT.sum(axis=1) + BIAS)
    unheard = layer(output_factor=np.zeros((K, K)))
    assert not unheard.costs.any()
    assert unheard.ledger(unheard.factors(1).weight).total == 0.0


def test_factors_in_float32_are_taken_up_to_their_rounding():
    thin = np.outer(S[0], S[0]) + np.outer(S[1], S[1])
    single = thin.astype(np.float32)
    assert np.linalg.eigvalsh(single.astype(np.float64))[0] < 0
    assert_allclose(layer(output_factor=single).output_factor, thin, atol=1e-6)


def test_few_inputs_are_warned_of_and_damped():
    with pytest.warns(FewInputsWarning, match=r"20 input vectors for 7 features.*damped by 0\.001") as caught:
        made = layer(rows_of_inputs=INPUTS[:20])
    assert made.damping == 1e-3
    assert caught[0].filename == __file__
    layer(rows_of_inputs=INPUTS[:20], damping=1e-3)  # asked for: nothing to warn of
    with pytest.warns(FewInputsWarning, match="damped by 0 of"):
        layer(rows_of_inputs=INPUTS[:20], damping=0.0)
