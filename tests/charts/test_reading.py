"""A chart read as its reader does: by colour, dash, marker and name, from the key and from words beside the curves.

Every word is followed to what is drawn in its colour, and that to the numbers it names. The numbers are all unequal and
not monotone, so that no curve, area or region can pass for another.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from charts.chart_reading import (
    BLUE,
    DASHED,
    DOTTED,
    GREY,
    INK,
    LIGHT,
    NATS,
    ORANGE,
    RANK,
    RED,
    assert_colours_tell_values,
    assert_contours_bear_their_values,
    assert_names_are_at_their_curves,
    assert_numbers_keep_clear_of,
    assert_shades_run,
    assert_ticks_tell_where_they_stand,
    case,
    dashes_of,
    ends,
    lines_like,
    look,
    the_line,
    ticks,
    words,
)  # fmt: skip
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from scipy import ndimage

import lingauss as lg
from lingauss import charts
from lingauss.numerals import change
from lingauss.simulation.sweep import simulated_sweep
from lingauss.sweep.growth import large_sample_costs


@pytest.fixture
def ax():
    with charts.style():
        figure = Figure()
        FigureCanvasAgg(figure)
        yield figure.add_subplot()


COSTS = ("bias", "variance", "rank_bottleneck")
NAMES = {"bias": "bias", "variance": "variance", "rank_bottleneck": "rank bottleneck"}
FACES = {"bias": BLUE, "variance": ORANGE, "rank_bottleneck": LIGHT}


def test_each_area_of_the_stack_has_the_colour_of_its_name_and_the_height_of_its_cost(ax):
    results = case().sweep(student_rank=range(9), quantities=("divergence", *COSTS))
    best, small = int(results["divergence"].idxmin()), 1
    charts.ledger_by_rank(results, ax, best=best, recommended=small)
    key = words(ax)
    assert list(key) == [
        f"recommended: rank {small}", f"best: rank {best}", "divergence", "rank bottleneck", "bias", "variance",
    ]  # fmt: skip
    bottom = np.zeros(9)
    for cost in ("variance", "bias", "rank_bottleneck"):
        colour = to_hex(key[NAMES[cost]].get_facecolor())
        assert colour == FACES[cost]
        (area,) = [one for one in ax.collections if to_hex(one.get_facecolor()[0]) == colour]
        top = bottom + results[cost].to_numpy()
        for rank in range(1, 8):
            edges = bottom[rank] - 1e-6, bottom[rank] + 1e-6, top[rank] - 1e-6, top[rank] + 1e-6
            inside = area.get_paths()[0].contains_points([(rank, height) for height in edges])
            assert inside.tolist() == [False, True, True, False]
        bottom = top
    assert_allclose(the_line(ax, "divergence").get_ydata(), results["divergence"])
    assert the_line(ax, "divergence").get_drawstyle() == "steps-mid"
    for word, rank, face in ((f"best: rank {best}", best, INK), (f"recommended: rank {small}", small, "#ffffff")):
        mark = the_line(ax, word)
        assert_allclose(mark.get_xydata(), [[rank, results["divergence"][rank]]])
        assert look(mark)[3] == ("o", f"{face}ff", f"{INK}ff")
    assert (ax.get_xlabel(), ax.get_ylabel()) == (RANK, NATS)
    top = 1.1 * max(float(results["divergence"][-1]), 1.5 * float(results["divergence"].min()))
    assert_allclose([*ax.get_xlim(), *ax.get_ylim()], [0.0, 8.0, 0.0, top])
    (edge,) = [line for line in ax.lines if line.get_gid() == "edge"]
    assert edge.get_marker() == "^"
    assert ticks(ax.xaxis) == {float(rank): str(rank) for rank in range(0, 9, 2)} or ticks(ax.xaxis).keys() >= {
        0.0,
        8.0,
    }
    assert_ticks_tell_where_they_stand(ax.yaxis)


@pytest.mark.parametrize("count", [1, 6, 8])
def test_directions_are_told_by_what_is_paid_and_the_wrong_ones_by_number(ax, count):
    index = np.arange(1, 13)
    table = pd.DataFrame(
        {
            "eigenvalue": np.append(1000.0 / index[:-1], 0.0),
            "kept": index <= 8,
            "retained_cost": 1.0 + 0.3 * (index % 3),
            "discarded_cost": np.where(index <= count, 0.3, 10.0) + 0.01 * index,
        },
        index=pd.Index(index, name="direction"),
    )
    table.loc[9:, "discarded_cost"] = 0.5  # dropped and rightly so
    charts.ledger_by_direction(table, ax)
    key, shown, kept = words(ax), table[table["eigenvalue"] > 0.0], (index <= 8)[:-1]
    listed = ", ".join(map(str, range(1, min(count, 6) + 1)))
    wrong = f"wrong side: no. {listed}" + (" and 2 more" if count == 8 else "")
    assert list(key) == ["kept", "dropped", "if kept", "if dropped", wrong]
    expected = {
        "kept": ("o", ORANGE, INK, "retained_cost", kept),
        "if kept": ("o", None, ORANGE, "retained_cost", ~kept),
        "dropped": ("s", GREY, INK, "discarded_cost", ~kept),
        "if dropped": ("s", None, GREY, "discarded_cost", kept),
        wrong: ("o", None, RED, "retained_cost", index[:-1] <= count),
    }
    for word, (marker, face, edge, column, some) in expected.items():
        mark, drawn = look(key[word])[3], the_line(ax, word)
        assert mark[0] == marker
        assert mark[1] == f"{face}ff" if face else mark[1].endswith("00")
        assert mark[2] == f"{edge}ff"
        assert_allclose(drawn.get_xydata(), shown.loc[some, ["eigenvalue", column]])
    assert ax.get_xlabel() == "eigenvalue of the Gram matrix s (squared input units)"
    assert ax.get_ylabel() == "cost of the direction (nats)"
    assert ax.get_xlim()[0] > 1000.0 > 1000.0 / 11 > ax.get_xlim()[1]
    low, high = ax.get_ylim()
    largest = shown[["retained_cost", "discarded_cost"]].to_numpy().max()
    smallest = shown[["retained_cost", "discarded_cost"]].to_numpy().min()
    assert_allclose([low, high], [0.6 * smallest, 2.0 * largest])
    assert_ticks_tell_where_they_stand(ax.yaxis, least=1)


def test_the_map_of_rank_and_noise_tells_values_by_colour_and_by_number(ax):
    results = case().sweep(student_rank=range(9), label_noise=np.geomspace(0.05, 5.0, 9))
    best = results["divergence"].idxmin("student_rank").astype(int)
    charts.rank_noise_map(results, ax, best=best, at=0.4)
    array = results["divergence"].transpose("student_rank", "label_noise")
    assert_colours_tell_values(ax, array, 0.95)
    assert_contours_bear_their_values(ax, array, (1.0, 2.0, 5.0))
    assert list(words(ax)) == ["best rank", "ν = 0.4"]
    assert_allclose(the_line(ax, "best rank").get_xydata(), np.column_stack([results["label_noise"], best]))
    assert the_line(ax, "best rank").get_drawstyle() == "steps-mid"
    assert the_line(ax, "ν = 0.4").get_xdata() == [0.4, 0.4]
    assert look(the_line(ax, "ν = 0.4"))[:2] == (INK, DASHED)
    assert to_hex(the_line(ax, "best rank").get_color()) == INK
    assert_numbers_keep_clear_of(ax, (results["label_noise"], best), (np.full(9, 0.4), np.arange(9)))
    assert ax.get_xlabel() == "label noise, standard deviation ν (label units)"
    assert ax.get_ylabel() == RANK
    assert ax.get_xscale() == "log"
    assert_ticks_tell_where_they_stand(ax.xaxis)


def test_regions_of_the_dominance_map_have_the_colour_and_the_name_of_their_cost(ax):
    results = case(draws=8).sweep(
        student_rank=range(9), temperature=np.geomspace(0.1, 100.0, 31), quantities=("divergence", *COSTS)
    )
    best = results["divergence"].idxmin("student_rank").astype(int)
    charts.dominance_map(results, ax, best=best)
    (image,) = [one for one in ax.collections if type(one).__name__ == "QuadMesh"]
    stacked = np.stack([results[name].transpose("student_rank", "temperature") for name in COSTS])
    largest = np.array(COSTS)[np.argmax(stacked, axis=0)]
    assert set(largest.ravel()) == set(COSTS)
    image.update_scalarmappable()
    colours = image.to_rgba(np.asarray(image.get_array()))
    for place in np.ndindex(largest.shape):
        assert to_hex(colours[place]) == FACES[largest[place]]
    by_name = {name: cost for cost, name in NAMES.items()}
    named = [text for text in ax.texts if text.get_text()]
    assert named
    for text in named:
        x, y = text.get_position()
        here = largest[
            int(np.argmin(np.abs(np.arange(9) - y))), int(np.argmin(np.abs(results["temperature"].values - x)))
        ]
        assert here == by_name[text.get_text()]
    key = words(ax)
    assert_allclose(the_line(ax, "best rank").get_xydata(), np.column_stack([results["temperature"], best]))
    explained = {by_name[word]: to_hex(patch.get_facecolor()) for word, patch in key.items() if word in by_name}
    assert explained == {cost: FACES[cost] for cost in explained}
    assert {by_name[text.get_text()] for text in named} | explained.keys() == set(COSTS)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("soft-label temperature τ", RANK)


@pytest.mark.parametrize("nowhere", COSTS)
def test_a_cost_that_nowhere_is_the_largest_moves_no_colour(ax, nowhere):
    axes = {"student_rank": np.arange(3), "temperature": np.geomspace(0.1, 10.0, 4)}
    there = [cost for cost in COSTS if cost != nowhere]
    data = {nowhere: np.zeros((3, 4)), there[0]: np.ones((3, 4)), there[1]: np.eye(3, 4) * 2.0}
    results = xr.Dataset({name: (tuple(axes), values, {"units": "nats"}) for name, values in data.items()}, coords=axes)
    charts.dominance_map(results, ax)
    (image,) = ax.collections
    image.update_scalarmappable()
    colours = image.to_rgba(np.asarray(image.get_array()))
    for place in np.ndindex(3, 4):
        assert to_hex(colours[place]) == FACES[there[place[0] == place[1]]]


def room_in(region):
    """How far each place of a region is from what is outside, in widths of the map, across half as much."""
    height, width = region.shape
    framed = np.pad(region, 1)
    outside = np.argwhere(~framed) - 1
    room = np.zeros(region.shape)
    for place in np.argwhere(region):
        room[tuple(place)] = np.hypot(*((outside - place) / [height, 2.0 * width]).T).min()
    return room


@pytest.mark.parametrize("with_path", [False, True])
@pytest.mark.parametrize("shape", [(9, 31), (30, 12)])
def test_every_region_is_named_where_it_is_widest_or_in_the_key(ax, shape, with_path):
    y, x = np.meshgrid(np.linspace(0.0, 6.0, shape[0]), np.linspace(0.0, 6.0, shape[1]), indexing="ij")
    hills = {"bias": np.sin(x) + np.cos(2.0 * y), "variance": np.cos(x + y), "rank_bottleneck": np.sin(y - 0.5 * x)}
    hills["variance"] = np.where((x > 5.5) & (y > 5.0), 3.0, hills["variance"])
    axes = {"student_rank": np.arange(shape[0]), "temperature": np.geomspace(0.1, 10.0, shape[1])}
    results = xr.Dataset({name: (tuple(axes), values + 3.0) for name, values in hills.items()}, coords=axes)
    path = xr.DataArray(np.full(shape[1], shape[0] // 2), {"temperature": axes["temperature"]}) if with_path else None
    charts.dominance_map(results, ax, best=path)
    largest = np.argmax(np.stack([hills[cost] for cost in COSTS]), axis=0)
    written = [(text.get_text(), *text.get_position()) for text in ax.texts]
    unnamed, named = [], 0
    for number, cost in enumerate(COSTS):
        regions, count = ndimage.label(largest == number)
        for part in range(1, count + 1):
            region = regions == part
            if with_path:
                region[shape[0] // 2] = False
            room = room_in(region)
            row, column = np.unravel_index(np.argmax(room), shape)
            inside = [(across, up) for name, across, up in written if name == NAMES[cost]
                      and region[up, np.argmin(np.abs(axes["temperature"] - across))]]  # fmt: skip
            if room[row, column] < 0.065:
                assert not inside
                unnamed.append(NAMES[cost])
                continue
            ((across, up),) = inside
            named += 1
            assert_allclose(room[up, np.argmin(np.abs(axes["temperature"] - across))], room.max())
    assert named == len(written) >= 3
    assert unnamed
    assert list(words(ax)) == [*dict.fromkeys(unnamed), *(["best rank"] if with_path else [])]
    assert {(text.get_ha(), text.get_va(), len(text.get_path_effects())) for text in ax.texts} == {
        ("center", "center", 1)
    }


def test_regions_without_room_for_a_name_are_explained_in_the_key(ax):
    axes = {"student_rank": np.arange(20), "temperature": np.geomspace(0.1, 10.0, 20)}
    bias, variance = np.ones((20, 20)), np.zeros((20, 20))
    variance[3, 4], variance[11, 15] = 2.0, 2.0
    data = {"bias": bias, "variance": variance, "rank_bottleneck": 0.5 * bias}
    results = xr.Dataset({name: (tuple(axes), values, {"units": "nats"}) for name, values in data.items()}, coords=axes)
    charts.dominance_map(results, ax)
    assert [text.get_text() for text in ax.texts] == ["bias"]
    assert {word: to_hex(patch.get_facecolor()) for word, patch in words(ax).items()} == {"variance": ORANGE}


def test_temperature_curves_bear_the_names_of_their_ranks(ax):
    ranks, temperatures = [1, 2, 5, 8], np.geomspace(0.1, 100.0, 31)
    divergence = case(draws=8).sweep(student_rank=ranks, temperature=temperatures)["divergence"]
    best = divergence.idxmin("temperature")
    gain = (divergence.min("temperature") / divergence[:, 0].drop_vars("temperature") - 1.0).assign_attrs(
        long_name="change from τ = 0.1"
    )
    charts.temperature_curves(divergence.to_dataset(), ax, best=best, limit=5.0, gain=gain)
    heights = {
        f"r = {rank}, {change(float(gain.sel(student_rank=rank)))}": float(divergence.sel(student_rank=rank)[-1])
        for rank in ranks
    }
    assert_names_are_at_their_curves(ax, heights)
    assert_shades_run(ax, list(heights), "cividis", 0.8)
    assert list(words(ax)) == ["best, τ*; change from τ = 0.1", "matching law"]
    assert_allclose(
        the_line(ax, "best, τ*; change from τ = 0.1").get_xydata(),
        np.column_stack([best, divergence.min("temperature")]),
    )
    assert the_line(ax, "matching law").get_xdata() == [5.0, 5.0]
    assert dashes_of(the_line(ax, "matching law")) == DASHED
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("soft-label temperature τ", NATS)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert_allclose(ax.get_xlim(), (0.1, 100.0))
    assert_ticks_tell_where_they_stand(ax.xaxis)
    assert_ticks_tell_where_they_stand(ax.yaxis)


def test_without_a_gain_the_best_temperature_has_no_second_meaning(ax):
    divergence = case(draws=8).sweep(student_rank=[2, 5], temperature=[0.1, 1.0, 10.0])["divergence"]
    charts.temperature_curves(divergence.to_dataset(), ax, best=divergence.idxmin("temperature"))
    assert list(words(ax)) == ["best, τ*"]
    assert list(ends(ax)) == ["r = 2", "r = 5"]


def test_mixing_curves_bear_their_names_and_say_what_lies_beyond_teaching(ax):
    ranks, shares = [1, 3, 8], np.linspace(-1.0, 2.0, 31)
    divergence = case(draws=8, temperature=5.0).sweep(student_rank=ranks, mixing=shares)["divergence"]
    best = divergence.idxmin("mixing")
    gain = (divergence.min("mixing") / divergence.sel(mixing=1.0, method="nearest", drop=True) - 1.0).assign_attrs(
        long_name="change from ξ = 1"
    )
    charts.mixing_curves(divergence.to_dataset(), ax, best=best, limit=0.75, gain=gain)
    heights = {
        f"r = {rank}, {change(float(gain.sel(student_rank=rank)))}": float(divergence.sel(student_rank=rank)[-1])
        for rank in ranks
    }
    assert_names_are_at_their_curves(ax, heights)
    assert_shades_run(ax, list(heights), "cividis", 0.8)
    assert list(words(ax)) == ["best, ξ*; change from ξ = 1", "no bias, ξ = 0.75"]
    optima = the_line(ax, "best, ξ*; change from ξ = 1")
    assert_allclose(optima.get_xydata(), np.column_stack([best, divergence.min("mixing")]))
    assert the_line(ax, "no bias, ξ = 0.75").get_xdata() == [0.75, 0.75]
    shades = [patch for patch in ax.patches if to_hex(patch.get_facecolor()) == "#f3f3f3"]
    assert [(one.get_x(), one.get_x() + one.get_width()) for one in shades] == [(-1.0, 0.0), (1.0, 2.0)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("share of soft labels ξ", NATS)
    assert ax.get_xscale() == "linear"
    assert_allclose(ax.get_xlim(), (-1.0, 2.0))


def test_a_close_up_names_its_curves_in_the_key_and_its_reference(ax):
    results = case().sweep(penalty=[0.5, 2.0, 20.0], mixing=np.linspace(-1, 2, 31), quantities=["student_excess_risk"])
    risk = results["student_excess_risk"]
    highest = 2.0 * float(risk.min())
    best = risk.idxmin("mixing")
    charts.mixing_curves(
        results, ax, quantity="student_excess_risk", best=best, reference=(0.9 * float(risk.min()), "tuned ridge"),
        highest=highest,
    )  # fmt: skip
    key = words(ax)
    assert set(key) == {"λ = 0.5", "λ = 2", "λ = 20", "best, ξ*", "tuned ridge"}
    for penalty in (0.5, 2.0, 20.0):
        assert_allclose(the_line(ax, f"λ = {penalty:g}").get_ydata(), risk.sel(penalty=penalty))
    assert_allclose(the_line(ax, "tuned ridge").get_ydata(), 0.9 * risk.min())
    assert dashes_of(the_line(ax, "tuned ridge")) == DOTTED
    assert 0.9 * float(risk.min()) < ax.get_ylim()[1] < 1.1 * highest
    assert ax.get_ylabel() == "excess risk of the student\n(squared label units)"
    assert ends(ax) == {}


def test_costs_over_samples_bear_their_names_and_their_laws_are_dashed(ax):
    sizes = [10, 30, 100, 300, 1000, 10_000]
    results = case(rank=3).sweep(n_samples=sizes, quantities=("divergence", *COSTS))
    laws = large_sample_costs(case(rank=3), sizes)
    charts.sample_size_scaling(results, ax, asymptotes=laws)
    low, high = ax.get_ylim()
    order = {**NAMES, "divergence": "divergence"}
    heights = {}
    for cost, name in order.items():
        end = float(results[cost][-1])
        heights[name + (" ↓" if end < low else " ↑" if end > high else "")] = end
    assert_names_are_at_their_curves(ax, heights)
    colours = {**FACES, "rank_bottleneck": GREY, "divergence": INK}
    for cost, colour in colours.items():
        plain, *dashed = sorted(
            (line for line in ax.lines if to_hex(line.get_color()) == colour and line.get_gid() != "edge"),
            key=lambda line: line.get_linestyle() != "-",
        )
        assert_allclose(plain.get_ydata(), results[cost])
        assert len(dashed) == (cost != "divergence")
        for line in dashed:
            assert_allclose(line.get_ydata(), laws[cost])
            assert dashes_of(line) == DASHED
    assert list(words(ax)) == ["large-sample law"]
    assert dashes_of(words(ax)["large-sample law"]) == DASHED
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("training samples n", "cost (nats)")
    total = results["divergence"]
    lowest = min(float(results[name].where(results[name] > 0.0).min()) for name in order)
    assert_allclose(ax.get_ylim(), (max(0.5 * lowest, float(total.max()) * 1e-7), 2.0 * float(total.max())))
    assert_ticks_tell_where_they_stand(ax.xaxis)


def test_lines_of_equal_risk_are_named_with_what_they_are_equal_to(ax):
    results = case().sweep(
        student_rank=range(9), mixing=np.linspace(-1, 2, 31), quantities=("student_excess_risk", "teacher_excess_risk")
    )
    student, teacher = results["student_excess_risk"], results["teacher_excess_risk"]
    best = student.isel(student_rank=slice(1, None)).idxmin("mixing")
    middle = float(student.median())
    others = {"the median": middle, "nothing": 0.5 * float(student.min()), "anything": 2.0 * float(student.max())}
    charts.student_beats_teacher(results, ax, best=best, baselines=others)
    key = words(ax)
    assert list(key) == [
        "as good as its teacher's draw", "as good as the median", "as good as nothing (never)",
        "as good as anything (always)", "least risk at each rank",
    ]  # fmt: skip
    multiple = (student / teacher).transpose("student_rank", "mixing").rename("student's risk / teacher's")
    assert_colours_tell_values(ax, multiple.assign_attrs(units="1"), 0.97)
    assert_contours_bear_their_values(ax, multiple, (1.0, 2.0, 5.0), without=1.0)
    equal = [one for one in ax.collections if type(one).__name__ == "QuadContourSet" and list(one.levels) == [1.0]]
    assert len(equal) == 2
    for lines, word, risk, width in zip(equal, list(key)[:2], (teacher, middle), (1.4, 0.9), strict=True):
        share = (student / risk).transpose("student_rank", "mixing")
        for x, y in lines.get_paths()[0].vertices[::7]:
            assert_allclose(float(share.interp(student_rank=y, mixing=x)), 1.0, atol=2e-2)
        assert_allclose(lines.get_linewidths(), width)
        assert key[word].get_linewidth() == width
        pattern = dashes_of(key[word])
        scaled = lines.get_linestyles()[0][1]
        assert (pattern[1] is None) == (scaled is None)
        if scaled is not None:
            assert_allclose(np.array(scaled) / np.array(pattern[1]), scaled[0] / pattern[1][0])
    looks = [look(key[word]) for word in list(key)[:4]]
    assert len({str(one) for one in looks}) == 4
    assert_allclose(the_line(ax, "least risk at each rank").get_xydata(), np.column_stack([best, np.arange(1, 9)]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("share of soft labels ξ", RANK)
    assert_numbers_keep_clear_of(ax, (best, np.arange(1, 9)))


def test_designs_of_the_front_are_coloured_by_rank_and_named_ones_say_their_settings(ax):
    aims = ["divergence", "student_excess_risk"]
    results = case(draws=8).sweep(student_rank=range(9), mixing=np.linspace(-0.5, 1.5, 5), quantities=aims)
    front = lg.pareto_front(results, aims)
    closest = results.isel(results["divergence"].argmin(...))
    safest = results.isel(results["student_excess_risk"].argmin(...))
    references = {"teacher's draw": 0.09, "tuned teacher": 0.05}
    charts.pareto_front(results, ax, front=front, named={"closest": closest, "safest": safest}, references=references)
    key = words(ax)

    def settings(design):
        return f"r = {int(design['student_rank'])}, ξ = {float(design['mixing']):.3g}".replace("-", "−")

    assert list(key) == [f"closest: {settings(closest)}", f"safest: {settings(safest)}", *references]
    for word, design in zip(key, (closest, safest), strict=False):
        place = [[float(design["student_excess_risk"]), float(design["divergence"])]]
        assert_allclose(the_line(ax, word).get_xydata(), place)
    for word, value in references.items():
        assert the_line(ax, word).get_xdata() == [value, value]
        assert to_hex(the_line(ax, word).get_color()) == GREY
    beaten, chosen = (one for one in ax.collections if type(one).__name__ == "PathCollection")
    ranks = np.broadcast_to(results["student_rank"].values[:, None], front.shape)
    for some, points in ((~front.values, beaten), (front.values, chosen)):
        expected = np.column_stack([results["student_excess_risk"].values[some], results["divergence"].values[some]])
        assert_allclose(points.get_offsets(), expected)
    assert chosen.get_array().tolist() == ranks[front.values].tolist()
    assert to_hex(beaten.get_facecolor()[0]) == "#c9c9c9"
    bar = ax.figure.axes[-1]
    assert bar.get_ylabel() == RANK
    assert_ticks_tell_where_they_stand(bar.yaxis, least=1)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("excess risk of the student (squared label units)", NATS)


def test_bounds_and_gaps_are_named_by_whose_and_which_they_are(ax):
    results = lg.bound_curves(case(draws=8), "temperature", np.geomspace(0.1, 100.0, 7))
    families = ("variance proxy", "sharpness", "mutual information")
    charts.bounds_and_truth(results, ax, families=families)
    key = words(ax)
    assert set(key) == {f"bound: {name}" for name in families} | {"exact, student", "exact, teacher"}
    assert_allclose(the_line(ax, "exact, student").get_ydata(), results["student_gap"])
    assert_allclose(the_line(ax, "exact, teacher").get_ydata(), results["teacher_gap"])
    assert not np.allclose(results["student_gap"], results["teacher_gap"], rtol=1e-3)
    colours = dict(zip(families, (BLUE, ORANGE, INK), strict=True))
    for name in families:
        drawn = lines_like(ax, key[f"bound: {name}"])
        sides = [one for one in results["bound"].values if one in (name, f"{name} upper", f"{name} lower")]
        assert {to_hex(line.get_color()) for line in drawn} == {colours[name]}
        assert sorted(line.get_ydata().tolist() for line in drawn) == sorted(
            results["value"].sel(bound=one).values.tolist() for one in sides
        )
    (shade,) = ax.collections
    outline = shade.get_paths()[0].vertices
    assert_allclose(outline[:, 1].max(), results["value"].sel(bound="variance proxy upper").max())
    assert_allclose(outline[:, 1].min(), results["value"].sel(bound="variance proxy lower").min())
    assert ax.get_ylabel() == "generalisation gap\n(squared label units)"
    assert ax.get_xlabel() == "soft-label temperature τ"


def test_rounds_bear_their_shares_and_their_limits_are_dashed_in_the_same_colour(ax):
    ridge = lg.Ridge(0.3, temperature=0.0)
    alone = lg.Distillation(case().problem, ridge, ridge, temperature=0.0)
    shares = [0.5, 0.9, 1.0]
    results = lg.Chain(alone, 6).sweep(mixing=shares, quantities=["excess_risk"])
    limits = [lg.Chain(alone.replace(mixing=share), 1).limit().excess_risk().student for share in shares]
    results["limit_excess_risk"] = ("mixing", limits)
    results["least_excess_risk"] = 0.9 * results["excess_risk"].min("mixing")
    best = results["excess_risk"].idxmin("round").astype(int)
    charts.repeated_distillation(results, ax, best=best)
    low, high = ax.get_ylim()
    risk = results["excess_risk"]
    heights = {f"ξ = {share:g}": float(risk.sel(mixing=share)[-1]) for share in shares}
    assert_names_are_at_their_curves(ax, heights)
    assert_shades_run(ax, list(heights), "cividis", 0.8)
    for share, limit in zip(shares, limits, strict=True):
        colour = ends(ax)[f"ξ = {share:g}"][0]
        mine = [line for line in ax.lines if to_hex(line.get_color()) == colour and line.get_gid() != "edge"]
        whole, dashed = sorted(mine, key=lambda line: line.get_linestyle() != "-")
        assert_allclose(whole.get_ydata(), risk.sel(mixing=share))
        assert_allclose(dashed.get_xydata(), [[1.0, limit], [6.0, limit]])
        assert dashes_of(dashed) == DASHED
        outside = not low <= limit <= high
        marks = [line for line in ax.lines if line.get_gid() == "edge" and to_hex(line.get_color()) == colour]
        assert bool(marks) == outside
    key = words(ax)
    assert [word for word in key if word != "farther off"] == ["best mixings", "best round", "infinite rounds"]
    assert_allclose(the_line(ax, "best mixings").get_ydata(), results["least_excess_risk"])
    assert to_hex(key["best mixings"].get_color()) == BLUE
    lowest = [risk.sel(mixing=share, round=best.sel(mixing=share)).item() for share in shares]
    assert_allclose(the_line(ax, "best round").get_xydata(), np.column_stack([best, lowest]))
    assert dashes_of(key["infinite rounds"]) == DASHED
    assert ax.get_xlabel() == "round of distillation"
    assert ax.get_ylabel() == "excess risk of the student\n(squared label units)"
    assert_allclose(ax.get_xlim(), (1, 6))


def test_the_valley_tells_its_depth_by_colour_and_its_bottom_by_beads(ax):
    results = case(rank=8, draws=8).sweep(mixing=np.linspace(0.05, 0.95, 11), student_penalty=np.geomspace(0.1, 10, 12))
    family = 6.0 * (1.0 - results["mixing"])
    charts.lossless_valley(results, ax, family=family)
    array = results["divergence"].transpose("student_penalty", "mixing")
    assert_colours_tell_values(ax, array, 0.97)
    assert_contours_bear_their_values(ax, array, (1.0,))
    assert list(words(ax)) == ["lossless family"]
    assert_numbers_keep_clear_of(ax, (results["mixing"], family))
    assert_allclose(the_line(ax, "lossless family").get_xydata(), np.column_stack([results["mixing"], family]))
    assert ax.get_xlabel() == "share of soft labels ξ"
    assert ax.get_ylabel() == "student's ridge penalty $λ_\\mathrm{S}$\n(squared input units)" or "λ" in ax.get_ylabel()
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")


def test_simulated_costs_have_the_colour_and_the_marker_of_their_name(ax):
    results = simulated_sweep(case(), quantities=COSTS, trials=2700, student_rank=[2, 3, 5])
    charts.theory_and_simulation(results, ax)
    below = ax.figure.axes[1]
    key = words(below)
    assert list(key) == list(NAMES.values())
    colours = {**FACES, "rank_bottleneck": GREY}
    markers = {"bias": "o", "variance": "s", "rank_bottleneck": "^"}
    for cost, name in NAMES.items():
        assert look(key[name])[3] == (markers[cost], f"{colours[cost]}ff", f"{INK}ff")
        exact, points = (line for line in ax.lines if to_hex(line.get_color()) == colours[cost])
        assert_allclose(exact.get_ydata(), results[cost])
        assert_allclose(points.get_ydata(), results[f"{cost}_simulated"])
        assert look(points)[3] == look(key[name])[3]
        (bars,) = [one for one in ax.collections if to_hex(one.get_color()[0]) == colours[cost]]
        lengths = [0.5 * np.ptp(segment[:, 1]) for segment in bars.get_segments()]
        assert_allclose(lengths, results[f"{cost}_standard_error"])
        apart = the_line(below, name)
        deviation = (results[f"{cost}_simulated"] - results[cost]) / results[f"{cost}_standard_error"]
        assert_allclose(apart.get_ydata(), deviation)
        assert_allclose(apart.get_xdata(), [2, 3, 5], atol=0.1)
    (band,) = below.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == (-2.0, 2.0)
    assert (ax.get_ylabel(), below.get_xlabel()) == ("cost (nats)", RANK)
    assert below.get_ylabel() == "deviation\n(std. errors)"
    assert below.get_ylim()[1] == -below.get_ylim()[0] >= 4.5


@pytest.mark.parametrize("tolerance", [0.05, 0.1, 0.125])
def test_the_band_of_risks_is_as_wide_as_its_name_says(ax, tolerance):
    results = case().sweep(student_rank=range(9), quantities=("student_excess_risk", "teacher_excess_risk"))
    risk, teacher = results["student_excess_risk"], float(results["teacher_excess_risk"][0])
    best = int(risk.idxmin())
    charts.risk_by_rank(results, ax, best=best, recommended=2, tolerance=tolerance)
    key = words(ax)
    word = f"within {100 * tolerance:g} % of the best"
    assert list(key) == [word, "student", "teacher", f"best: rank {best}", "recommended: rank 2"]
    (band,) = ax.patches
    assert_allclose(
        [band.get_y(), band.get_y() + band.get_height()], float(risk.min()) * np.array([1.0, 1.0 + tolerance])
    )
    assert to_rgba(band.get_facecolor()) == to_rgba(key[word].get_facecolor()) == to_rgba(LIGHT)
    assert_allclose(the_line(ax, "student").get_ydata(), risk)
    assert to_hex(key["student"].get_color()) == BLUE
    assert_allclose(the_line(ax, "teacher").get_ydata(), teacher)
    assert dashes_of(key["teacher"]) == DASHED
    for name, rank, face in ((f"best: rank {best}", best, INK), ("recommended: rank 2", 2, "#ffffff")):
        assert_allclose(the_line(ax, name).get_xydata(), [[rank, risk[rank]]])
        assert look(key[name])[3] == ("o", f"{face}ff", f"{INK}ff")
    assert (ax.get_xlabel(), ax.get_ylabel()) == (RANK, "excess risk (squared label units)")
    assert ax.get_yscale() == "log"
    assert_ticks_tell_where_they_stand(ax.yaxis)


def test_layers_bear_their_names_at_their_curves(ax):
    costs = {"first": [9.0, 4.0, 1.0, 0.5], "second": [2.0, 0.6, 0.1], "third": [20.0, 5.0, 3.0, 2.5, 2.0]}
    charts.layer_costs(costs, ax, chosen={"first": 2, "second": None, "third": 3})
    named = ends(ax)
    assert list(named) == list(costs)
    assert_shades_run(ax, list(costs), "viridis", 0.9)
    for name, values in costs.items():
        mine = [one for one in ax.lines if to_hex(one.get_color()) == named[name][0]]
        (line,) = [one for one in mine if one.get_marker() == "None"]
        assert_allclose(line.get_ydata(), values[1:])
        assert_allclose(line.get_xdata(), np.arange(1, len(values)))
        assert_allclose(named[name][2], values[-1], rtol=1e-6)
        marks = [
            one for one in ax.lines if to_hex(one.get_markerfacecolor()) == named[name][0] and one.get_marker() == "o"
        ]
        rank = {"first": 2, "third": 3}.get(name)
        assert [mark.get_xydata().tolist() for mark in marks] == ([[[rank, values[rank]]]] if rank else [])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("rank of the layer", "cost (nats per row)")


def test_losses_are_named_by_how_they_were_found(ax):
    share = {"long_name": "share of parameters kept"}
    values = {"cost": [0.1, 1.0], "predicted": [0.2, 3.0], "measured": [0.3, 2.5], "measured_error": [0.01, 0.2]}
    data = {name: ("keep", numbers) for name, numbers in values.items()}
    charts.loss_by_size(xr.Dataset(data, coords={"keep": ("keep", [0.8, 0.2], share)}), ax)
    key = words(ax)
    assert list(key) == ["at second order", "predicted", "measured"]
    assert_allclose(the_line(ax, "at second order").get_ydata(), [1.0, 0.1])
    assert (to_hex(key["at second order"].get_color()), dashes_of(key["at second order"])) == (GREY, DASHED)
    assert_allclose(the_line(ax, "predicted").get_ydata(), [3.0, 0.2])
    assert to_hex(key["predicted"].get_color()) == BLUE
    (points,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert_allclose(points.get_ydata(), [2.5, 0.3])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("share of parameters kept", "divergence (nats per row)")
    assert ax.get_yscale() == "log"


def test_long_axes_are_labelled_in_powers_of_ten_and_short_ones_in_plain_numbers(ax):
    from lingauss.charts.house import plain_log_ticks

    for axis, limits in ((ax.xaxis, (0.01, 2e6)), (ax.yaxis, (0.5, 5e3))):
        (ax.set_xscale if axis is ax.xaxis else ax.set_yscale)("log")
        (ax.set_xlim if axis is ax.xaxis else ax.set_ylim)(limits)
        plain_log_ticks(axis)
    powers = ticks(ax.xaxis)
    assert powers[1e6] == "10⁶"
    assert powers[1e-2] == "10⁻²"
    assert ticks(ax.yaxis) == {1.0: "1", 10.0: "10", 100.0: "100", 1000.0: "1,000"}


def test_signs_of_changes_are_told():
    assert [change(value) for value in (-0.256, 0.256, -0.0123, 0.0)] == ["−26 %", "+26 %", "−1.2 %", "0 %"]
