"""Numbers are written so that they can be read back."""

import xarray as xr

from lingauss.reproduce import output


def test_numbers_have_ten_significant_digits():
    results = xr.Dataset({"divergence": ("student_rank", [1 / 3, 2e-9 / 3])}, coords={"student_rank": [0, 1]})
    assert output.table(results) == b"student_rank,divergence\n0,0.3333333333\n1,6.666666667e-10\n"
