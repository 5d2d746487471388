"""What a chart is about is heavy and in front; what guides the eye is thin and behind. Read from every artist.

Widths and sizes are in points: of a line, of a marker and its edge, of an outline. What is in front has a higher layer.
"""

import pytest
from charts.chart_reading import BLUE, GREEN, GREY, INK, LIGHT, ORANGE, RED
from charts.every_chart import DRAWN, FEW
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure

from lingauss import charts
from lingauss.charts.edge_marks import mark_edges

WHITE, BLACK = "white in ink o 4.5/1 at 5", "ink in ink o 4.5/1 at 5"  # chosen points
MAP = {"cells 0 at 1 in pixels", "contours 0.35 at 2, 0.7 opaque"}
COSTS = ("blue", "orange", "grey")
LEDGERS = {
    *("ink solid 1.6 at 2", "ink dashed 1.6 at 2", "green solid 1 at 2"),
    *(f"{cost} {dashes} 1 at 2" for cost in COSTS for dashes in ("solid", "dashed")),
}
REGIME = {"blue solid 1.2 at 1.9", "orange solid 1.2 at 2", "ink solid 1.2 at 2", "area 0 at 1"}
LOOKS = {
    "error_by_rank": {
        *("blue solid 1.2 at 2", "ink dashed 0.8 at 2", "area 0 at 1, 0.2 opaque"),
        *(WHITE, "orange in ink o 4.5/1 at 5"),
    },
    "ledger_by_rank": {"ink solid 1 at 2", BLACK, WHITE, "area 0 at 1"},
    "risk_by_rank": {"blue solid 1.2 at 2", "ink dashed 0.8 at 2", BLACK, WHITE, "light band 0 at 1"},
    "ledger_by_direction": {
        *("orange in ink o 3/1 at 2", "open in orange o 2.6/1 at 1.5", "open in red o 6.5/1 at 2"),
        *("grey in ink s 3/1 at 2", "open in grey s 2.6/1 at 1.5"),
    },
    "rank_noise_map": {"ink solid 1.2 at 2, cased", "ink dashed 0.8 at 2, cased"} | MAP,
    "dominance_map": {"ink solid 1.2 at 2, cased", "cells 0 at 1 in pixels"},
    "temperature_curves": {"shade solid 1.2 at 2", WHITE, "ink dashed 0.6 at 0"},
    "mixing_curves": {"shade solid 1.2 at 2", WHITE, "ink dashed 0.6 at 1", "pale band 0 at 0"},
    "mixing_curves_close_up": {"shade solid 1.2 at 2", WHITE, "ink dotted 0.8 at 1", "pale band 0 at 0"},
    "sample_size_scaling": {
        "ink solid 1.6 at 2",
        *(f"{cost} {stroke}" for cost in COSTS for stroke in ("solid 1.2 at 3", "dashed 0.8 at 2")),
    },
    "student_beats_teacher": {
        *("white in ink . 4/0.5 at 2", "contours 1.4 at 2, cased", "contours 0.9 at 2, cased"),
        *MAP,
    },
    "pareto_front": {
        *("white in ink D 5/1 at 5", "white in ink s 5/1 at 5", "grey solid 0.8 at 1"),
        *("dots 1.5/0 at 1 in pixels", "dots 5/0 at 3 in pixels"),
    },
    "bounds_and_truth": {
        *("blue solid 1.2 at 2", "orange long dashed 1.2 at 2", "ink dotted 1.2 at 2"),
        *("ink solid 1.6 at 2", "ink dashed 0.8 at 2", "area 0 at 1"),
    },
    "process_by_rank": LEDGERS | {BLACK, WHITE},
    "process_by_temperature": LEDGERS | {BLACK},
    "tightness_by_rank": REGIME | {WHITE},
    "tightness_by_temperature": REGIME | {"orange long dashed 1.2 at 2", "ink long dashed 1.2 at 2"},
    "repeated_distillation": {
        *("shade solid 1.2 at 2", "shade dashed 0.6 at 1"),
        *("blue solid 1.2 at 2 with blue in blue . 4.5/1", WHITE),
    },
    "lossless_valley": {"white in ink o 2.4/0.5 at 2"} | MAP,
    "theory_and_simulation": {
        *("ink solid 0.6 at 1", "bars 0.8 at 2", "light band 0 at 0"),
        *(f"{cost} solid 1 at 2" for cost in COSTS),
        *(f"{cost} in ink {mark} 3.4/0.6 at {at}" for cost, mark in zip(COSTS, "os^", strict=True) for at in (2.1, 3)),
    },
    "risk_by_samples": {"shade solid 1.2 at 2", "grey dashed 0.6 at 1"},
    "layer_costs": {"shade solid 1 at 2", "shade in ink o 4.5/1 at 5"},
    "loss_by_size": {"grey dashed 1.2 at 2", "blue solid 1.4 at 2", "ink in ink o 4.5/1 at 2.1", "bars 0.8 at 2"},
}
COLOURS = {
    **{INK: "ink", "#ffffff": "white", GREY: "grey", LIGHT: "light"},
    **{BLUE: "blue", ORANGE: "orange", GREEN: "green", RED: "red", "#f3f3f3": "pale"},
}
DASHES = {None: "solid", (4, 3): "dashed", (1, 1.2): "dotted", (6, 2): "long dashed"}


def colour(given):
    """The name of a colour; one of a palette is a shade."""
    return "open" if to_rgba(given)[3] == 0.0 else COLOURS.get(to_hex(given), "shade")


def of_line(line):
    mark = None
    if line.get_marker() not in ("None", ""):
        faces = colour(line.get_markerfacecolor()), colour(line.get_markeredgecolor())
        mark = f"{' in '.join(faces)} {line.get_marker()} {line.get_markersize():g}/{line.get_markeredgewidth():g}"
    if line.get_linestyle() == "None":
        return f"{mark} at {line.get_zorder():g}"
    dashes = DASHES[line._unscaled_dash_pattern[1]]
    stroke = f"{colour(line.get_color())} {dashes} {line.get_linewidth():g} at {line.get_zorder():g}"
    return stroke + (f" with {mark}" if mark else "") + cased(line)


def cased(artist):
    return ", cased" if [one._gc["linewidth"] for one in artist.get_path_effects() or []] == [2.6] else ""


KINDS = {
    "QuadMesh": "cells",
    "QuadContourSet": "contours",
    "FillBetweenPolyCollection": "area",
    "PathCollection": "dots",
    "LineCollection": "bars",
}


def of_collection(one):
    (width,) = set(one.get_linewidth()) or {0.0}
    kind = KINDS[type(one).__name__]
    size = "".join(f"{size:g}/" for size in getattr(one, "get_sizes", list)() if kind == "dots")
    opaque = "" if one.get_alpha() is None else f", {one.get_alpha():g} opaque"
    return f"{kind} {size}{width:g} at {one.get_zorder():g}{' in pixels' * one.get_rasterized()}{opaque}{cased(one)}"


@pytest.mark.parametrize("draw", DRAWN + FEW, ids=lambda draw: draw.__name__)
def test_every_line_mark_and_area_has_the_weight_of_its_part(draw):
    with charts.style():
        figure = Figure(layout="none")
        FigureCanvasAgg(figure)
        draw(6, figure.add_subplot())
        bars = [image.colorbar for ax in figure.axes for image in ax.collections if getattr(image, "colorbar", None)]
        for bar in bars:
            assert (bar.outline.get_linewidth(), bar.ax._colorbar_info["pad"]) == (0.4, 0.02)
        found = set()
        for ax in figure.axes:
            if ax not in [bar.ax for bar in bars]:
                found |= {of_line(one) for one in ax.lines if one.get_gid() != "edge" and len(one.get_xdata())}
                found |= {of_collection(one) for one in ax.collections if len(one.get_paths())}
                found |= {
                    f"{colour(one.get_facecolor())} band {one.get_linewidth():g} at {one.get_zorder():g}"
                    for one in ax.patches
                }
        assert found == LOOKS[draw.__name__]


def test_marks_where_a_curve_leaves_the_axes_are_small_triangles_over_everything():
    with charts.style():
        ax = Figure(layout="none").add_subplot()
        ax.plot([0.0, 1.0], [0.0, 4.0], color="#0072b2")
        ax.plot([0.5], [-1.0], "o", color="white", markeredgecolor="#222222")
        ax.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
        marks = mark_edges(ax)
        assert [of_line(mark) for mark in marks] == ["blue in blue ^ 3.4/0 at 6", "ink in ink v 3.4/0 at 6"]
