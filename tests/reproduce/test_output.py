"""Files have the same bytes for the same numbers, and old ones stay whole until new ones are complete."""

import os

import pytest
import xarray as xr

from lingauss.errors import UnknownNameError
from lingauss.reproduce import output


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "numbers.csv"
    output.write(path, b"old")
    output.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_an_interrupted_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch, stop):
    path = tmp_path / "numbers.csv"
    output.write(path, b"old")

    def interrupted(*_):
        raise stop

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(stop):
        output.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_have_ten_significant_digits():
    results = xr.Dataset({"divergence": ("student_rank", [1 / 3, 2e-9 / 3])}, coords={"student_rank": [0, 1]})
    assert output.table(results) == b"student_rank,divergence\n0,0.3333333333\n1,6.666666667e-10\n"


@pytest.mark.parametrize("kind", output.FORMATS)
def test_an_image_drawn_twice_has_the_same_bytes(kind):
    def draw(ax):
        ax.plot([1, 2, 3], label="τ*")
        ax.legend()

    assert output.images(draw, (kind,), 50) == output.images(draw, (kind,), 50)


def test_unknown_formats_name_the_closest():
    with pytest.raises(UnknownNameError, match="Did you mean svg"):
        output.check_formats(("svgz",))
