"""Three charts look as they did; after a change that is meant, run ``python tests/charts/redraw.py`` and look."""

import pytest
from charts.redraw import BASELINE, DRAWN, image
from matplotlib.testing.compare import compare_images

TOLERANCE = 12.0  # root mean square over 256 grey levels: fonts differ a little between versions of FreeType


@pytest.mark.parametrize("name", list(DRAWN))
def test_a_chart_looks_as_it_did(name, tmp_path):
    (tmp_path / "drawn.png").write_bytes(image(name))
    assert compare_images(str(BASELINE / f"{name}.png"), str(tmp_path / "drawn.png"), TOLERANCE) is None


def test_the_tolerance_tells_charts_of_other_numbers_apart(tmp_path, monkeypatch):
    from charts import redraw

    monkeypatch.setattr(redraw, "case", lambda case=redraw.case: case().replace(temperature=40.0))
    for name in DRAWN:
        (tmp_path / f"{name}.png").write_bytes(image(name))
        assert compare_images(str(BASELINE / f"{name}.png"), str(tmp_path / f"{name}.png"), TOLERANCE)
