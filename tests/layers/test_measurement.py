"""Measured factors are the Fisher information of the net, and plans change it as predicted. Skipped without torch."""

import re
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import (
    DomainError,
    EmptyDataError,
    FewInputsWarning,
    MissingResultError,
    ModelError,
    SaturatedTeacherWarning,
    UnknownNameError,
)
from lingauss.layers import Layer, allocate, measure, sweep

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # nothing here is large enough for a second one
nn = torch.nn
ROWS, CLASSES = 200, 4


def seeded(build):
    torch.manual_seed(0)
    return build().double().eval()


def perceptron(*, tail=()):
    return seeded(lambda: nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, CLASSES), *tail))


INPUTS = torch.randn(ROWS, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) + 3.0


class Sequence(nn.Module):
    """Tokens to one class per position: an embedding, a convolution over places, a head."""

    def __init__(self):
        super().__init__()
        self.table, self.mix = nn.Embedding(9, 5), nn.Conv1d(5, 6, 3, padding="same", dilation=2)
        self.head = nn.Linear(6, 9)

    def forward(self, tokens):
        return self.head(torch.tanh(self.mix(self.table(tokens).transpose(1, 2)).transpose(1, 2)))


TOKENS = torch.randint(0, 9, (60, 7), generator=torch.Generator().manual_seed(2))


def law(logits):
    return torch.softmax(logits, -1).detach().numpy()


def jacobian(model, module, row):
    """Jacobian (classes, k) of the logits of one row with respect to a module's output there."""
    kept = []
    hook = module.register_forward_hook(lambda _, inputs, output: kept.append(output))
    logits = model(row[None])[0]
    hook.remove()
    return np.stack([torch.autograd.grad(logits[c], kept[0], retain_graph=True)[0][0].numpy() for c in range(CLASSES)])


@pytest.mark.parametrize("name", ["0", "2"])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_factors_are_the_moments_of_inputs_and_of_gradients_over_all_classes(name, temperature):
    model = perceptron()
    made = measure(model, INPUTS.split(64), [name], temperature, draws=None, damping=0.0)[name]
    module = model.get_submodule(name)
    inputs = INPUTS if name == "0" else model[:2](INPUTS)
    assert_allclose(made.input_factor.matrix, np.cov(inputs.detach().numpy().T, bias=True), atol=1e-12)
    fisher = np.zeros((len(made.weight),) * 2)
    for row in INPUTS:
        J, p = jacobian(model, module, row), law(model(row) / temperature)
        fisher += J.T @ (np.diag(p) - np.outer(p, p)) @ J / ROWS
    assert_allclose(made.output_factor, fisher, atol=1e-12)
    assert_allclose(made.weight, module.weight.detach().numpy())
    assert_allclose(made.bias, module.bias.detach().numpy())
    assert (made.rows, made.last) == (ROWS, name == "2")


def test_drawn_labels_estimate_the_same_factor_and_repeat_with_their_seed():
    model = perceptron()
    exact = measure(model, [INPUTS], ["0"], 1.0, draws=None)["0"].output_factor
    drawn = measure(model, [INPUTS], ["0"], 1.0, draws=60)["0"].output_factor
    assert_allclose(drawn, exact, atol=0.05 * np.abs(exact).max())
    again = [measure(model, [INPUTS], ["0"], 1.0, seed=seed)["0"].output_factor for seed in (3, 3, 4)]
    assert np.array_equal(again[0], again[1])
    assert not np.array_equal(again[0], again[2])


def test_a_small_change_moves_the_law_as_the_last_layers_cost_says():
    model = perceptron()
    made = measure(model, [INPUTS], ["2"], 1.0, draws=None, damping=0.0)["2"]
    step = 1e-4 * np.random.default_rng(0).normal(size=made.weight.shape)
    other = perceptron()
    with torch.no_grad():
        other[2].weight += torch.tensor(step)
        other[2].bias.copy_(torch.tensor(made.shifted_bias(made.weight + step)))
    old, new = torch.log_softmax(model(INPUTS), -1), torch.log_softmax(other(INPUTS), -1)
    divergence = (old.exp() * (old - new)).sum(-1).mean().item()
    assert divergence == pytest.approx(made.ledger(made.weight + step).total, rel=0.5)  # g and a are not independent
    assert divergence <= made.bound(made.weight + step)


def test_positions_share_a_weight_and_a_class_law_each():
    model = seeded(Sequence)
    found = measure(model, TOKENS.split(25), temperature=1.0, draws=3)
    assert list(found) == ["table", "mix", "head"]
    table, mix, head = found.values()
    assert_allclose(table.inputs.variances, np.bincount(TOKENS.ravel(), minlength=9) / TOKENS.numel())
    assert table.weight.shape == (5, 9)
    assert (mix.kernel, mix.count, mix.rows) == ((5, 3), TOKENS.numel(), 60)
    assert head.last
    # The unfolded convolution is the same linear map: its weight times the mean patch gives the mean output.
    out = model.mix(model.table(TOKENS).transpose(1, 2)).mean(dim=(0, 2)).detach().numpy()
    assert_allclose(mix.weight @ mix.inputs.input_mean + mix.bias, out, atol=1e-12)


@pytest.mark.parametrize("padding", [0, 1, "same", "valid"])
@pytest.mark.parametrize("mode", ["zeros", "circular"])
def test_images_are_unfolded_in_the_order_of_the_weight(padding, mode):
    conv = seeded(lambda: nn.Conv2d(2, 3, (3, 2), padding=padding, dilation=(1, 2), padding_mode=mode))
    model = nn.Sequential(conv, nn.AdaptiveAvgPool2d(1), nn.Flatten()).double().eval()
    images = torch.randn(40, 2, 6, 5, dtype=torch.float64)
    made = measure(model, [images], ["0"], 1.0)["0"]
    mean = conv(images).mean(dim=(0, 2, 3)).detach().numpy()
    assert_allclose(made.weight @ made.inputs.input_mean + made.bias, mean, atol=1e-12)


def test_a_layer_called_twice_has_the_positions_of_both_calls():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.map, self.head = nn.Linear(6, 6), nn.Linear(6, CLASSES)

        def forward(self, x):
            return self.head(self.map(torch.tanh(self.map(x))))

    made = measure(seeded(Twice), [INPUTS], temperature=1.0)
    assert made["map"].count == 2 * ROWS
    assert made["head"].count == ROWS


# Saturated teachers


def test_a_saturated_teacher_is_warned_of_and_tempered():
    sure = perceptron()
    with torch.no_grad():
        sure[2].weight *= 60.0
    with pytest.warns(SaturatedTeacherWarning, match=r"temperature 3, order.*calibrate"):
        auto = measure(sure, [INPUTS], draws=None)
    with pytest.warns(SaturatedTeacherWarning, match="temperature 1"):
        cold = measure(sure, [INPUTS], temperature=1.0, draws=None)
    with pytest.warns(SaturatedTeacherWarning):
        hot = measure(sure, [INPUTS], temperature=3.0, draws=None)
    assert_allclose(auto["0"].output_factor, hot["0"].output_factor)
    assert np.trace(auto["0"].output_factor) > np.trace(cold["0"].output_factor)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        unsure = perceptron()
        assert_allclose(
            measure(unsure, [INPUTS], draws=None)["0"].output_factor,
            measure(unsure, [INPUTS], temperature=1.0, draws=None)["0"].output_factor,
        )


def test_costs_from_training_rows_of_a_net_that_fits_them_are_too_small_and_warned_of():
    from sklearn.datasets import load_digits

    images, classes = load_digits(return_X_y=True)
    X, y = torch.tensor(images / 16.0), torch.tensor(classes)
    model = seeded(lambda: nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)))
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(150):
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(X[:300]), y[:300]).backward()
        optimiser.step()
    with pytest.warns(SaturatedTeacherWarning):
        trained = measure(model, [X[:300]], ["2"], temperature=1.0, draws=None)["2"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SaturatedTeacherWarning)
        held_out = measure(model, [X[300:600]], ["2"], temperature=1.0, draws=None)["2"]
    assert trained.costs[5] < 0.3 * held_out.costs[5]


# Plans on models


def test_a_plan_of_small_loss_costs_what_is_measured():
    model = seeded(Sequence)
    plan = allocate(measure(model, [TOKENS], temperature=1.0, draws=20), keep=0.7)
    with pytest.raises(MissingResultError, match="calibrate"):
        _ = plan.measured
    assert plan.predicted == (plan.cost, np.inf)
    plan = plan.calibrate(model, TOKENS.split(16))
    value, error = plan.measured
    assert error > 0.0
    small = plan.apply(model)
    old, new = torch.log_softmax(model(TOKENS), -1), torch.log_softmax(small(TOKENS), -1)
    rows = (old.exp() * (old - new)).sum((1, 2)).detach().numpy()
    assert_allclose([value, error], [rows.mean(), rows.std(ddof=1) / np.sqrt(len(rows))], rtol=1e-9)
    assert 0.5 < plan.predicted.value / value < 2.0
    assert 0.0 < plan.predicted.standard_error < plan.predicted.value
    told = re.search(r"; predicted (\S+) ± (\S+), measured (\S+) ± (\S+)$", repr(plan)).groups()
    expected = [plan.predicted.value, plan.predicted.standard_error, value, error]
    assert_allclose([float(one) for one in told], expected, rtol=5e-2)


def test_a_sweep_of_sizes_measures_every_plan_on_one_set_of_curves():
    model = seeded(Sequence)
    layers = measure(model, [TOKENS], temperature=1.0)
    table = sweep(layers, [0.6, 0.8], model=model, batches=TOKENS.split(30))
    for keep in (0.6, 0.8):
        plan, row = allocate(layers, keep).calibrate(model, TOKENS.split(30)), table.sel(keep=keep)
        assert_allclose([row["measured"], row["measured_error"]], plan.measured, rtol=1e-9)
        assert_allclose([row["predicted"], row["predicted_error"]], plan.predicted, rtol=1e-9)


def test_a_plan_leaves_the_model_alone_and_saves_what_it_applies(tmp_path):
    model = seeded(Sequence)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    layers = measure(model, [TOKENS], temperature=1.0)
    plan = allocate(layers, keep=0.5)
    small = plan.apply(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    plan.save(tmp_path / "plan.npz")
    state = small.state_dict()
    with np.load(tmp_path / "plan.npz") as stored:
        assert set(stored) == {name for name in state if name.split(".")[1] in "01"}
        for name in stored:
            assert_allclose(stored[name], state[name].numpy())
    for name, rank in plan.ranks.items():
        if rank is not None:
            assert sum(part.numel() for part in small.get_submodule(name).parameters() if part.ndim > 1) == rank * sum(
                layers[name].weight.shape
            )


def test_a_thin_layer_gives_the_outputs_of_its_factors():
    model = seeded(lambda: nn.Sequential(nn.Conv2d(3, 7, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(63, CLASSES)))
    images = torch.randn(80, 3, 6, 6, dtype=torch.float64)
    with pytest.warns(FewInputsWarning, match="of 2:"):
        layers = measure(model, [images], temperature=1.0)
    plan = allocate(layers, keep=0.4)
    assert all(plan.ranks.values())
    small = plan.apply(model)
    for name, inputs in (("0", images), ("2", torch.randn(5, 63, dtype=torch.float64))):
        factors = plan.factors(name)
        dense = model.get_submodule(name)
        with torch.no_grad():
            dense.weight.copy_(torch.tensor(factors.weight).reshape(dense.weight.shape))
            dense.bias.copy_(torch.tensor(factors.bias))
        assert_allclose(small.get_submodule(name)(inputs).detach(), dense(inputs).detach(), atol=1e-12)


def test_a_model_that_is_one_layer_is_replaced_whole():
    model = seeded(lambda: nn.Linear(6, CLASSES))
    layers = measure(model, [INPUTS], temperature=1.0)
    assert list(layers) == [""]
    plan = allocate(layers, keep=0.5)
    assert [type(part) for part in plan.apply(model)] == [nn.Linear, nn.Linear]


# Bad input


def test_models_that_cannot_be_measured_are_refused():
    model = perceptron()
    with pytest.raises(ModelError, match="training mode"):
        measure(perceptron(tail=[nn.Dropout()]).train(), [INPUTS])
    with pytest.raises(UnknownNameError, match="layer"):
        measure(model, [INPUTS], ["1"])
    with pytest.raises(EmptyDataError):
        measure(model, [])
    with pytest.raises(DomainError):
        measure(model, [INPUTS], temperature=0.0)
    with pytest.raises(DomainError, match="'auto'"):
        measure(model, [INPUTS], temperature="hot")
    with pytest.raises(DomainError, match="draws"):
        measure(seeded(Sequence), [TOKENS], temperature=1.0, draws=None)
    with pytest.raises(ModelError, match="at least one"):
        measure(seeded(nn.Tanh), [INPUTS])
    with pytest.raises(ModelError, match="logits"):
        measure(seeded(lambda: nn.Linear(6, 1)), [INPUTS])


def test_tied_weights_grouped_convolutions_and_layers_never_reached_are_refused():
    tied = seeded(Sequence)
    tied.head = nn.Linear(5, 9).double().eval()
    tied.head.weight = tied.table.weight
    with pytest.raises(ModelError, match=r"tied to head\.weight"):
        measure(tied, [TOKENS], ["table"])
    grouped = seeded(lambda: nn.Sequential(nn.Conv1d(4, 4, 3, groups=2), nn.Flatten(), nn.Linear(16, 2)))
    with pytest.raises(ModelError, match="group"):
        measure(grouped, [torch.randn(9, 4, 6, dtype=torch.float64)])
    unused = perceptron()
    unused.spare = nn.Linear(3, 3).double().eval()
    unused.forward = lambda x: unused[2](unused[1](unused[0](x)))
    with pytest.raises(ModelError, match="none through spare"):
        measure(unused, [INPUTS])
    frozen = perceptron()
    measure(frozen.requires_grad_(False), [INPUTS])  # gradients are of outputs, not of weights


def test_a_plan_of_another_model_is_refused():
    plan = allocate(measure(perceptron(), [INPUTS], temperature=1.0), keep=0.9)
    other = seeded(lambda: nn.Sequential(nn.Linear(6, 9), nn.Tanh(), nn.Linear(9, CLASSES)))
    with pytest.raises(ModelError, match="shape"):
        plan.apply(other)
    with pytest.raises(EmptyDataError):
        plan.calibrate(perceptron(), [])


def test_hooks_are_removed_even_after_an_error():
    model = perceptron()
    with pytest.raises(RuntimeError):
        measure(model, [INPUTS[:, :3]])
    assert not any(module._forward_hooks for module in model.modules())


def test_regression_nets_are_exact_with_the_inputs_of_their_head():
    model = seeded(lambda: nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)))
    with torch.no_grad():
        inputs, noise = model[:2](INPUTS).numpy(), 0.7
        weight, bias = model[2].weight.numpy(), model[2].bias.numpy()
        head = Layer.for_squared_loss(weight, lg.Moments.from_data(inputs), noise=noise, bias=bias)
        for rank in range(4):
            new = head.factors(rank)
            change = inputs @ (new.weight - weight).T + new.bias - bias
            loss = np.mean(np.sum(change**2, axis=1)) / (2 * noise**2)
            assert loss == pytest.approx(head.costs[rank], rel=1e-9, abs=1e-12)
