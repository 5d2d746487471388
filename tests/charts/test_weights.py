"""What a chart is about is heavy and in front; what guides the eye is thin and behind. Read from every artist.

Widths and sizes are in points: of a line, of a marker and its edge, of an outline. What is in front has a higher layer.
"""

import pytest
from charts.every_chart import DRAWN, FEW
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from lingauss import charts
from lingauss.charts.edge_marks import mark_edges

CHOSEN, BEAD = "o 4.5/1 at 5", "o 2.4/0.5 at 2"
MAP = {"cells 0 at 1 in pixels", "contours 0.35 at 2, 0.7 opaque"}
LOOKS = {
    "error_by_rank": {"solid 1.2 at 2", "dashed 0.8 at 2", CHOSEN, "area 0 at 1, 0.2 opaque"},
    "ledger_by_rank": {"solid 1 at 2", CHOSEN, "area 0 at 1"},
    "risk_by_rank": {"solid 1.2 at 2", "dashed 0.8 at 2", CHOSEN, "band 0 at 1"},
    "ledger_by_direction": {"o 3/1 at 2", "o 2.6/1 at 1.5", "s 3/1 at 2", "s 2.6/1 at 1.5", "o 6.5/1 at 2"},
    "rank_noise_map": {"solid 1.2 at 2, cased", "dashed 0.8 at 2, cased"} | MAP,
    "dominance_map": {"solid 1.2 at 2, cased", "cells 0 at 1 in pixels"},
    "temperature_curves": {"solid 1.2 at 2", CHOSEN, "dashed 0.6 at 0"},
    "mixing_curves": {"solid 1.2 at 2", CHOSEN, "dashed 0.6 at 1", "band 0 at 0"},
    "mixing_curves_close_up": {"solid 1.2 at 2", CHOSEN, "dotted 0.8 at 1", "band 0 at 0"},
    "sample_size_scaling": {"solid 1.2 at 3", "solid 1.6 at 2", "dashed 0.8 at 2"},
    "student_beats_teacher": {". 4/0.5 at 2", "contours 1.4 at 2, cased", "contours 0.9 at 2, cased"} | MAP,
    "pareto_front": {
        "D 5/1 at 5",
        "s 5/1 at 5",
        "solid 0.8 at 1",
        "dots 1.5/0 at 1 in pixels",
        "dots 5/0 at 3 in pixels",
    },
    "bounds_and_truth": {
        *("solid 1.2 at 2", "long dashed 1.2 at 2", "dotted 1.2 at 2"),
        *("solid 1.6 at 2", "dashed 0.8 at 2", "area 0 at 1"),
    },
    "process_by_rank": {"solid 1.6 at 2", "solid 1 at 2", CHOSEN, "dashed 1.6 at 2", "dashed 1 at 2"},
    "process_by_temperature": {"solid 1.6 at 2", "solid 1 at 2", CHOSEN, "dashed 1.6 at 2", "dashed 1 at 2"},
    "tightness_by_rank": {"solid 1.2 at 1.9", "solid 1.2 at 2", CHOSEN, "area 0 at 1"},
    "tightness_by_temperature": {"solid 1.2 at 1.9", "solid 1.2 at 2", "long dashed 1.2 at 2", "area 0 at 1"},
    "repeated_distillation": {"solid 1.2 at 2", "dashed 0.6 at 1", "solid 1.2 at 2 with . 4.5/1", CHOSEN},
    "lossless_valley": {BEAD} | MAP,
    "theory_and_simulation": {
        *("solid 1 at 2", "solid 0.6 at 1", "bars 0.8 at 2", "band 0 at 0"),
        *(f"{marker} 3.4/0.6 at {layer}" for marker in "os^" for layer in ("2.1", "3")),
    },
    "risk_by_samples": {"solid 1.2 at 2", "dashed 0.6 at 1"},
    "layer_costs": {"solid 1 at 2", CHOSEN},
    "loss_by_size": {"dashed 1.2 at 2", "solid 1.4 at 2", "o 4.5/1 at 2.1", "bars 0.8 at 2"},
}
DASHES = {None: "solid", (4, 3): "dashed", (1, 1.2): "dotted", (6, 2): "long dashed"}


def of_line(line):
    mark = None
    if line.get_marker() not in ("None", ""):
        mark = f"{line.get_marker()} {line.get_markersize():g}/{line.get_markeredgewidth():g}"
    if line.get_linestyle() == "None":
        return f"{mark} at {line.get_zorder():g}"
    stroke = f"{DASHES[line._unscaled_dash_pattern[1]]} {line.get_linewidth():g} at {line.get_zorder():g}"
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
                found |= {f"band {one.get_linewidth():g} at {one.get_zorder():g}" for one in ax.patches}
        assert found == LOOKS[draw.__name__]


def test_marks_where_a_curve_leaves_the_axes_are_small_triangles_over_everything():
    with charts.style():
        ax = Figure(layout="none").add_subplot()
        ax.plot([0.0, 1.0], [0.0, 4.0], color="#0072b2")
        ax.plot([0.5], [-1.0], "o", color="white", markeredgecolor="#222222")
        ax.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
        marks = mark_edges(ax)
        assert [of_line(mark) for mark in marks] == ["^ 3.4/0 at 6", "v 3.4/0 at 6"]
        assert [to_hex(mark.get_markerfacecolor()) for mark in marks] == ["#0072b2", "#222222"]
