"""One budget over layers: greedy on hulls against enumeration, and plans as tables and files."""

import itertools
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import (
    DomainError,
    EmptyDataError,
    FileFormatError,
    LingaussError,
    MissingDependencyError,
    NotFiniteError,
    ShapeError,
    UnknownNameError,
)
from lingauss.layers import Estimate, Layer, allocate, load_factors, save_factors, sweep
from lingauss.layers.calibration import Curve, spread_positions
from lingauss.layers.options import Options


def layer(rng, k, d, *, decay=0.7, scale=1.0, bias=True, rows=None):
    inputs = rng.normal(size=(4 * d + 40, d)) * decay ** np.arange(d) @ np.linalg.qr(rng.normal(size=(d, d)))[0]
    moments = lg.Moments.from_data(inputs)
    factor = scale * np.cov(rng.normal(size=(k, 2 * k)) * decay ** np.arange(k)[:, None]).reshape(k, k)
    return Layer(rng.normal(size=(k, d)), moments, factor, np.zeros(k) if bias else None, rows)


def several(seed, count=3):
    rng = np.random.default_rng(seed)
    return {
        f"layer{i}": layer(rng, *rng.integers(3, 9, size=2), scale=10 ** rng.uniform(-2, 1), decay=rng.uniform(0.4, 1))
        for i in range(count)
    }


def choices(layers, flops=False):
    """Every plan as (price, cost), by enumeration, options spelt out anew."""
    per_layer = []
    for made in layers.values():
        k, d = made.weight.shape
        low = [(r * (k + d), made.costs[r]) for r in range(1, min(k, d)) if r * (k + d) < k * d]
        factor = made.count / made.rows if flops else 1
        per_layer.append([(factor * price, cost) for price, cost in [*low, (k * d, 0.0)]])
    return [np.sum(combination, axis=0) for combination in itertools.product(*per_layer)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("keep", [0.55, 0.7, 0.9])
def test_no_plan_in_the_budget_costs_less_than_the_certificate_and_greedy_comes_close(seed, keep):
    layers = several(seed)
    whole = sum(made.weight.size for made in layers.values())
    within = [cost for price, cost in choices(layers) if price <= keep * whole]
    if not within:
        with pytest.raises(DomainError, match="rank 1 in every layer"):
            allocate(layers, keep)
        return
    plan = allocate(layers, keep)
    assert plan.share <= keep
    assert plan.least <= min(within) * (1 + 1e-12) <= plan.cost * (1 + 2e-12)
    worst = sum(made.costs[0] for made in layers.values())
    assert plan.cost - min(within) <= 0.17 * worst  # within one step of a hull


def test_greedy_is_optimal_in_most_small_problems():
    excess = []
    for seed in range(60):
        layers = several(seed)
        whole = sum(made.weight.size for made in layers.values())
        within = [cost for price, cost in choices(layers) if price <= 0.8 * whole]
        if within:
            excess.append((allocate(layers, 0.8).cost - min(within)) / sum(made.costs[0] for made in layers.values()))
    assert len(excess) > 40
    assert np.median(excess) < 1e-3
    assert np.quantile(excess, 0.9) < 0.03


@pytest.mark.parametrize("seed", range(10))
def test_the_hull_is_convex_and_below_every_option(seed):
    option = Options.of(next(iter(several(seed).values())))
    hull = option.hull()
    gains = [option.gain(a, b) for a, b in itertools.pairwise(hull)]
    assert gains == sorted(gains, reverse=True)
    inside = np.interp(option.prices, option.prices[hull], option.costs[hull])
    assert np.all(option.costs >= inside - 1e-12 * option.costs[0])


def test_everything_kept_costs_nothing_and_less_kept_costs_more():
    layers = several(5)
    full = allocate(layers, 1.0)
    assert full.cost == 0.0
    assert full.predicted == (0.0, 0.0)
    costs = [allocate(layers, keep).cost for keep in (0.75, 0.8, 0.85, 0.9, 0.95, 1.0)]
    assert np.all(np.diff(costs) <= 0)


def test_multiplications_count_positions():
    rng = np.random.default_rng(3)
    layers = {"once": layer(rng, 8, 8, rows=72), "often": layer(rng, 8, 8, rows=9)}
    within = [cost for price, cost in choices(layers, flops=True) if price <= 0.6 * (64 + 8 * 64)]
    plan = allocate(layers, 0.6, unit="flops")
    assert plan.least <= min(within) <= plan.cost
    assert plan.ranks["once"] is None  # cheap to keep
    header, *rows, summary = repr(plan).splitlines()
    assert header.split("  ")[-1].strip() == "next gain per multiplication"
    spent = plan.to_frame()["price"].sum() / (64 + 8 * 64)
    assert summary.startswith(f"{100.0 * spent:.1f}% of flops, ")
    assert len(rows) == 2


def test_a_dense_embedding_multiplies_nothing():
    rng = np.random.default_rng(4)
    table = Layer(rng.normal(size=(6, 50)), lg.Diagonal(rng.uniform(size=50)), np.eye(6), rows=100)
    assert allocate({"table": table, "map": layer(rng, 8, 8)}, 0.5, unit="flops").ranks["table"] is None
    assert allocate({"table": table}, 0.5).ranks["table"] == 2


def test_a_low_rank_that_costs_nothing_is_kept_at_any_budget():
    rng = np.random.default_rng(6)
    thin = Layer(
        rng.normal(size=(8, 2)) @ rng.normal(size=(2, 8)), lg.Moments.from_data(rng.normal(size=(99, 8))), np.eye(8)
    )
    plan = allocate({"thin": thin}, 1.0)
    assert plan.cost < 1e-25
    assert plan.share <= 1.0


def test_the_smallest_possible_budget_is_named_and_enough():
    layers = several(7)
    with pytest.raises(DomainError) as caught:
        allocate(layers, 0.01)
    smallest = float(caught.value.expected.split()[2].rstrip(","))
    assert set(allocate(layers, smallest).ranks.values()) <= {1, None}
    for keep in (0.0, -1.0, 1.1):
        with pytest.raises(DomainError):
            allocate(layers, keep)
    with pytest.raises(EmptyDataError):
        allocate({}, 0.5)
    for wrong in (list(layers.values()), {"a": np.eye(3)}):
        with pytest.raises(DomainError, match="mapping"):
            allocate(wrong, 0.5)
    with pytest.raises(UnknownNameError, match="parameters"):
        allocate(layers, 0.9, unit="bytes")


# Plans


def test_the_table_holds_what_the_plan_says():
    plan = allocate(several(8), 0.8)
    table = plan.to_frame()
    assert list(table["layer"]) == list(plan.layers)
    assert table["cost"].sum() == pytest.approx(plan.cost)
    assert table["price"].sum() / sum(made.weight.size for made in plan.layers.values()) == pytest.approx(plan.share)
    for row in table.itertuples():
        rank = plan.ranks[row.layer]
        assert (rank is None) == (row.cost == 0.0) == (row.next_gain == 0.0)
        if rank is not None:
            made, (k, d) = plan.layers[row.layer], plan.layers[row.layer].weight.shape
            assert row.cost == made.costs[rank]
            one_more = (made.costs[rank] - made.costs[rank + 1]) / (k + d)
            assert row.next_gain >= min(one_more, row.cost / (k * d - rank * (k + d))) * (1 - 1e-12)
    header, *rows, summary = (re.split(r"\s{2,}", line.strip()) for line in repr(plan).splitlines())
    assert header == ["layer", "shape", "rank", "kept", "nats per row", "next gain per weight"]
    weights = {name: made.weight.shape for name, made in plan.layers.items()}
    for (name, shape, rank, kept, cost, gain), row in zip(rows, table.itertuples(), strict=True):
        k, d = weights[name]
        assert (name, shape) == (row.layer, f"{k} × {d}")
        assert rank == ("dense" if plan.ranks[name] is None else str(plan.ranks[name]))
        assert kept == f"{100.0 * (1.0 if rank == 'dense' else int(rank) * (k + d) / (k * d)):.0f}%"
        assert float(cost) == pytest.approx(row.cost, rel=5e-3)
        assert float(gain) == pytest.approx(row.next_gain, rel=5e-2)
    told = re.fullmatch(r"(\S+)% of parameters, (\S+) nats per row at second order \(not measured\)", summary[0])
    assert float(told[1]) == pytest.approx(100.0 * plan.share, abs=0.05)
    assert float(told[2]) == pytest.approx(table["cost"].sum(), rel=5e-3)
    for _, cells in ((name, cells) for name, *cells in rows):
        assert all(f">{cell}<" in plan._repr_html_() for cell in cells)


def test_a_plan_needs_torch_only_to_touch_a_model(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    plan = allocate(several(8), 0.8)
    with pytest.raises(MissingDependencyError, match=r"lingauss\[layers\]"):
        plan.apply(object())
    with pytest.raises(MissingDependencyError, match=r"lingauss\[layers\]"):
        plan.calibrate(object(), [])


def test_sizes_are_swept_and_sorted():
    layers = several(8)
    table = sweep(layers, [0.9, 0.8, 1.0])
    assert table["keep"].to_numpy().tolist() == [0.8, 0.9, 1.0]
    for keep in (0.8, 0.9, 1.0):
        plan, row = allocate(layers, keep), table.sel(keep=keep)
        assert (row["cost"], row["least"], row["share"]) == (plan.cost, plan.least, plan.share)


# Measured curves


def test_a_curve_passes_through_what_was_measured_and_is_log_linear_between():
    curve = Curve(np.array([1.0, 0.01]), [Estimate(8.0, 0.8), Estimate(0.02, 0.001)])
    assert_allclose(curve.at(1.0), (8.0, 0.8))
    assert_allclose(curve.at(0.01), (0.02, 0.001))
    assert_allclose(curve.at(0.1), (0.1 * 4.0, 0.4 * 0.075))  # the ratios 2 and 8 meet half-way at 4
    assert_allclose(curve.at(10.0).value, 80.0)
    assert_allclose(curve.at(0.001).value, 0.002)
    assert curve.at(0.0) == (0.0, 0.0)
    assert Curve(np.zeros(0), []).at(0.5) == (0.5, np.inf)


def test_measured_ranks_are_spread_over_the_logarithm_of_costs():
    rng = np.random.default_rng(0)
    option = Options.of(layer(rng, 40, 40, decay=0.8))
    found = spread_positions(option, 3)
    assert (found[0], found[-1]) == (0, len(option.ranks) - 2)
    middle = np.sqrt(option.costs[found[0]] * option.costs[found[-1]])
    assert np.argmin(np.abs(np.log(option.costs[:-1] / middle))) == found[1]
    assert list(spread_positions(Options.of(layer(rng, 1, 5)), 3)) == []


def test_an_estimate_is_a_mean_with_its_standard_error():
    rows = np.random.default_rng(0).exponential(size=50)
    assert_allclose(Estimate.of_rows(rows), (rows.mean(), rows.std(ddof=1) / np.sqrt(50)))
    with pytest.raises(EmptyDataError, match="two rows"):
        Estimate.of_rows(rows[:1])


# Files


def stored(tmp_path, layers):
    save_factors(tmp_path / "factors.npz", layers)
    return tmp_path / "factors.npz"


def kinds():
    rng = np.random.default_rng(9)
    inputs = rng.normal(size=(80, 12)) + 30.0
    moments = lg.Moments.from_data(inputs)
    return {
        "a.conv": Layer(rng.normal(size=(8, 3, 2, 2)), moments, np.eye(8), rng.normal(size=8), rows=20),
        "a.free": Layer(rng.normal(size=(8, 12)), moments, np.eye(8), damping=0.01),
        "head": Layer(rng.normal(size=(8, 12)), lg.Moments.from_data(inputs, center=False), np.eye(8), last=True),
        "table": Layer(rng.normal(size=(5, 30)), lg.Diagonal(rng.uniform(size=30)), np.eye(5), rows=40),
    }


def test_layers_come_back_from_their_file(tmp_path):
    layers = kinds()
    found = load_factors(stored(tmp_path, layers))
    assert list(found) == list(layers)
    for name, made in layers.items():
        assert_allclose(found[name].costs, made.costs, rtol=1e-10, atol=1e-12)
        assert repr(found[name]) == repr(made)
        assert (found[name].kernel, found[name].last) == (made.kernel, made.last)
        assert_allclose(found[name].factors(2).weight, made.factors(2).weight, atol=1e-10)


def test_a_saved_plan_has_the_shapes_torch_modules_have(tmp_path):
    layers = kinds()
    plan = allocate(layers, 0.8)
    plan = type(plan)(plan.layers, plan.options, dict.fromkeys(layers, 0), plan.unit, plan.keep, plan.least)  # rank 1
    plan.save(tmp_path / "plan.npz")
    with np.load(tmp_path / "plan.npz") as arrays:
        assert {name: value.shape for name, value in arrays.items()} == {
            "a.conv.0.weight": (1, 3, 2, 2),
            "a.conv.1.weight": (8, 1, 1, 1),
            "a.conv.1.bias": (8,),
            "a.free.0.weight": (1, 12),
            "a.free.1.weight": (8, 1),
            "head.0.weight": (1, 12),
            "head.1.weight": (8, 1),
            "table.0.weight": (30, 1),
            "table.1.weight": (5, 1),
        }
        assert_allclose(
            arrays["table.1.weight"] @ arrays["table.0.weight"].T, layers["table"].factors(1).weight, atol=1e-12
        )


def test_files_that_hold_no_factors_are_refused(tmp_path):
    path = tmp_path / "file.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(FileFormatError):
        load_factors(path)
    np.save(tmp_path / "one.npy", np.eye(3))
    with pytest.raises(FileFormatError, match="one array"):
        load_factors(tmp_path / "one.npy")
    np.savez(path, weight=np.array([{}], dtype=object))
    with pytest.raises(FileFormatError):
        load_factors(path)
    np.savez(path, other=np.eye(3))
    with pytest.raises(FileFormatError, match="arrays other"):
        load_factors(path)
    complete = {"m.weight": np.eye(3), "m.output_factor": np.eye(3), "m.input_second_moment": np.eye(3)}
    np.savez(path, **complete)
    with pytest.raises(FileFormatError, match=r"m\.input_count"):
        load_factors(path)
    np.savez(path, **complete, **{"m.input_count": 50})
    assert load_factors(path)["m"].rows == 50
    with pytest.raises(OSError, match="none"):
        load_factors(tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"m.output_factor": np.eye(2)}, ShapeError),
        ({"m.output_factor": np.full((3, 3), np.nan)}, NotFiniteError),
        ({"m.input_second_moment": np.ones((3, 2))}, ShapeError),
        ({"m.bias": np.zeros(3)}, DomainError),
        ({"m.input_count": 0}, LingaussError),
    ],
)
def test_arrays_that_do_not_fit_name_their_layer(tmp_path, change, error):
    given = {"m.weight": np.eye(3), "m.output_factor": np.eye(3), "m.input_second_moment": np.eye(3)}
    np.savez(tmp_path / "file.npz", **(given | {"m.input_count": 50} | change))
    with pytest.raises(error, match="in layer m"):
        load_factors(tmp_path / "file.npz")
