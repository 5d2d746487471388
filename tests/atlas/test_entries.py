"""Every entry of the atlas: its targets, its parameters, its figure and its script."""

import ast
import contextlib
import inspect
import io
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lingauss import atlas
from lingauss.atlas import gallery
from lingauss.atlas.targets import half_unit
from lingauss.charts import style
from lingauss.errors import DomainError, NotNumericError, UnknownNameError

ROOT = Path(__file__).parents[2]
NAMES = atlas.names()


def drawn(entry, results):
    with style():
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        entry.plot(ax, results)
        figure.draw_without_rendering()
    return ax


@pytest.fixture(scope="module", params=NAMES)
def computed(request):
    entry = atlas.entry(request.param)
    return entry, entry.compute()


def test_every_file_is_an_entry_that_is_listed():
    files = {path.stem for path in (ROOT / "lingauss/atlas/entries").glob("*.py")} - {"__init__"}
    assert files == set(NAMES)
    assert [atlas.entry(name).name for name in NAMES] == list(NAMES)


def test_every_target_is_met_at_the_entrys_own_parameters(computed):
    entry, results = computed
    missed = [comparison for comparison in entry.compare(results) if not comparison.met]
    assert entry.targets
    assert missed == []


def test_targets_lie_on_the_figure_and_variables_have_names(computed):
    entry, results = computed
    ax = drawn(entry, results)
    assert ax.get_xlabel() in {array.attrs["long_name"] for array in results.coords.values()}
    for name in results.variables:
        assert results[name].attrs["long_name"] == entry.labels[name]
    marked = {tuple(xy) for line in ax.lines if line.get_marker() in ("o", "D") for xy in line.get_xydata().tolist()}
    for x, y in marked:
        assert any(target.number == y and x in target.at.values() for target in entry.targets)


def test_a_script_of_public_calls_computes_the_same(computed):
    entry, results = computed
    script = entry.to_python()
    imported = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {getattr(node, "module", None) or node.names[0].name for node in imported}
    assert {name for name in names if name.startswith("lingauss")} == {"lingauss"}
    namespace = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(script, namespace)  # noqa: S102
    xr.testing.assert_identical(namespace["results"].drop_attrs(), results.drop_attrs())


def test_computations_know_nothing_of_the_atlas(computed):
    entry, _ = computed
    source = inspect.getsource(sys.modules[entry.calculation.__module__])
    private = [
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lingauss")
    ]
    assert {name.split(".")[1] for name in private} <= {"atlas"}


def test_every_parameter_says_what_it_is_and_refuses_what_lies_outside(computed):
    entry, _ = computed
    assert list(entry.settings()) == list(inspect.signature(entry.calculation).parameters)
    for parameter in entry.parameters:
        assert parameter.low <= parameter.default <= parameter.high
        for value in (parameter.low - 1.0, 2.0 * abs(parameter.high) + 1.0):
            with pytest.raises(DomainError, match=f"{parameter.name}, ") as error:
                entry.settings(**{parameter.name: value})
            assert parameter.meaning in str(error.value)
            assert parameter.range in str(error.value)


def test_every_parameter_changes_the_numbers(computed):
    entry, results = computed
    for name, values in entry.turns.items():
        turned = entry.compute(**{name: values[0]})
        assert not turned.drop_attrs().equals(results.drop_attrs())
        drawn(entry, turned)
    assert set(entry.turns) <= set(entry.settings())


def test_targets_are_drawn_at_the_entrys_own_parameters_alone():
    entry = atlas.entry("das2023")
    assert any(line.get_marker() == "o" for line in drawn(entry, entry.compute()).lines)
    assert not any(line.get_marker() == "o" for line in drawn(entry, entry.compute(penalty=1.0)).lines)


def test_bibtex_names_its_authors_and_year(computed):
    entry, _ = computed
    assert entry.cite.startswith("@")
    assert f"year = {{{entry.paper.year}}}" in entry.cite.replace("\n", " ")
    assert entry.cite.count("{") == entry.cite.count("}")
    assert entry.paper.authors.split(",")[0].split(" ")[0] in entry.cite


def test_an_unknown_entry_and_an_unknown_parameter_name_the_closest():
    with pytest.raises(UnknownNameError, match="Did you mean pareek2024"):
        atlas.entry("pareek")
    with pytest.raises(UnknownNameError, match="Did you mean noise"):
        atlas.entry("pareek2024").compute(noize=0.1)


def test_whole_numbers_stay_whole_and_words_are_no_numbers():
    entry = atlas.entry("pareek2024")
    assert entry.settings(rank=3.0)["rank"] == 3
    with pytest.raises(DomainError, match="a whole number from 2 to 12"):
        entry.settings(rank=2.5)
    with pytest.raises(NotNumericError):
        entry.settings(noise="much")


@pytest.mark.parametrize(
    ("value", "half"), [("0.16477", 5e-6), ("101", 0.5), ("-.276", 5e-4), ("1.5e-3", 5e-5), ("2e4", 5e3)]
)
def test_a_target_is_met_to_half_a_unit_of_its_last_digit(value, half):
    assert math.isclose(half_unit(value), half, rel_tol=1e-5)
    entry = atlas.entry("bu2020")
    target = atlas.Target("gap", value, atlas.Origin.PRINTED)
    assert atlas.Comparison(target, float(value) + 0.99 * half).met
    assert not atlas.Comparison(target, float(value) + 1.01 * half).met
    assert not atlas.Comparison(target, math.nan).met
    assert np.isnan(atlas.Target("gap", "1", atlas.Origin.CLOSED, {"n": 11}).found_in(entry.compute()))


def test_the_page_of_all_entries_lists_them_as_they_are():
    page = (ROOT / "docs/atlas.md").read_text(encoding="utf-8")
    assert gallery.overview() in page


def test_a_page_of_the_gallery_has_figure_targets_parameters_script_and_source(tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "names", lambda: ("ali2019",))
    gallery.write_pages(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ali2019-turned.png", "ali2019.md", "ali2019.png"]
    page, entry = (tmp_path / "ali2019.md").read_text(encoding="utf-8"), atlas.entry("ali2019")
    for part in (entry.claim, entry.setting, *entry.notes, entry.to_python(), entry.cite, "1.6859091", "met"):
        assert part in page
    turned = [f"{float(entry.compute(time=time)['sharp']):.6g}" for time in (1.0, 0.5, 2.0)]
    assert f"| sharp | {' | '.join(turned)} |" in page


def test_an_entry_shows_itself():
    entry = atlas.entry("ali2019")
    assert repr(entry).startswith("Entry(ali2019: Ali, Kolter & Tibshirani 2019")
    assert "stopping time" in entry._repr_html_()
