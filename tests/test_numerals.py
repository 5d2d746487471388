"""Numbers as people read them: the digits told, the sign, and what is rounded."""

import pytest

from lingauss.numerals import change, number, percent
from lingauss.reproduce.findings import about, dearer, share


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0123456, "0.0123"), (1.5, "1.5"), (12.34, "12.3"), (999.4, "999"), (999.5, "1,000"), (15194.3, "15,194"),
     (-2345.6, "-2,346"), (0.0, "0"), (5.21e-7, "5.21e-07"), (745.2, "745")],
)  # fmt: skip
def test_numbers_have_three_digits_or_all_of_their_whole_part(value, told):
    assert number(value) == told


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.52, "52 %"), (0.0995, "10 %"), (0.0994, "9.9 %"), (0.05, "5 %"), (0.00094, "0.094 %"), (0.0, "0 %"),
     (1.84, "184 %"), (10.0, "1000 %"), (0.125, "12 %"), (0.0171, "1.7 %")],
)  # fmt: skip
def test_shares_are_told_in_per_cent_to_two_digits(share, told):
    assert percent(share) == told


@pytest.mark.parametrize(
    ("share", "told"), [(-0.256, "−26 %"), (0.256, "+26 %"), (-0.0123, "−1.2 %"), (0.0, "0 %"), (0.0001, "+0.01 %")]
)
def test_changes_are_told_with_their_sign(share, told):
    assert change(share) == told


def test_how_much_dearer_something_is_is_told_as_a_share_up_to_twice_as_much():
    assert dearer(1.25) == "25 % more than"
    assert dearer(1.999) == "100 % more than"
    assert dearer(2.0) == "2 times as much as"
    assert dearer(12.44) == "12.4 times as much as"


def test_shares_of_soft_labels_have_two_decimals_and_no_minus_before_nothing():
    assert [share(value) for value in (0.846, -0.18, -0.001, 0.0, 1.0)] == ["0.85", "−0.18", "0.00", "0.00", "1.00"]
    assert [about(value) for value in (4.73, 100.0, 0.1, 0.0631)] == ["4.7", "100", "0.1", "0.063"]
