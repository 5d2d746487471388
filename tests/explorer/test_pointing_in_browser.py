"""What pointer and keys read off the pictures and move in them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from pages import UNEQUAL, design, put, settled, written

pytestmark = pytest.mark.browser


PLACE = """([view, x, y]) => { const { axes } = Figures.drawn.get(view);
  const box = document.getElementById(`figure-${view}`).getBoundingClientRect();
  return [box.x + axes.x.at(x), box.y + axes.y.at(y)]; }"""


def point(page: Any, view: str, x: float, y: float, across: float = 0.0, down: float = 0.0) -> tuple[float, float]:
    page.locator(f"#figure-{view}").scroll_into_view_if_needed()
    left, top = page.evaluate(PLACE, [view, x, y])
    page.mouse.move(left + across - 2, top + down)
    page.mouse.move(left + across, top + down)
    return left + across, top + down


def test_what_is_read_off_says_name_number_place_and_unit(page: Any) -> None:
    case = put(page, **UNEQUAL)
    swept = case.sweep(student_rank=range(13), quantities=["variance", "student_excess_risk"])
    variance, risk = float(swept["variance"][9]), float(swept["student_excess_risk"][9])
    for view, y, text in (
        ("ledger", variance / 2, f"variance: {written(variance)} at student rank r 9"),
        ("risks", risk, f"student: {written(risk)} at student rank r 9"),
    ):
        point(page, view, 9, y)
        assert page.locator(f"#reading-{view}").text_content() == text
    page.mouse.move(2, 2)
    assert page.locator("#reading-risks").text_content() == ""
    s = float(case.by_direction()["eigenvalue"].iloc[7])
    cost = float(case.by_direction()["discarded_cost"].iloc[7])
    point(page, "directions", s, cost)
    assert page.locator("#reading-directions").text_content() == (
        f"dropped: {written(cost)} at eigenvalue s {written(s)}"
    )


def test_nothing_is_read_off_more_than_four_pixels_outside_the_axes(page: Any) -> None:
    page.evaluate(
        "Plot.found = Plot.under; Plot.under = () => ({ name: 'found', x: 2, value: 3, formula: 'gap_teacher' })"
    )
    frame, reading = page.locator("#figure-ledger"), page.locator("#reading-ledger")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    left, right, top, bottom = page.evaluate(
        "(({ left, right, top, bottom }) => [left, right, top, bottom])(Figures.drawn.get('ledger').axes)"
    )
    middle = ((left + right) / 2, (top + bottom) / 2)
    for away, said in ((3.5, "found: 3 at student rank r 2"), (5.5, "before")):
        for x, y in (
            (left - away, middle[1]),
            (right + away, middle[1]),
            (middle[0], top - away),
            (middle[0], bottom + away),
        ):
            page.evaluate("document.getElementById('reading-ledger').textContent = 'before'")
            frame.dispatch_event("pointermove", {"clientX": box["x"] + x, "clientY": box["y"] + y})
            assert reading.text_content() == said, (away, x, y)
    page.evaluate("Plot.under = Plot.found; delete Plot.found")


def test_ranks_are_taken_nearest_to_the_pointer_and_noises_with_three_digits(page: Any) -> None:
    for x, y, rank in ((0.333333, 4.4, 4), (1.23456, 4.6, 5), (2.0, -3, 0), (2.0, 40, 12)):
        left, top = point(page, "map", x, y) if 0 <= y <= 12 else point(page, "map", x, 6, 0, 0)
        if not 0 <= y <= 12:
            edge = page.evaluate(
                "(() => { const { top, bottom } = Figures.drawn.get('map').axes; return [top, bottom]; })()"
            )
            box = page.locator("#figure-map").bounding_box()
            top = box["y"] + (edge[1] + 2 if y < 0 else edge[0] - 2)
        page.mouse.move(left, top)
        page.mouse.down()
        page.mouse.up()
        state = settled(page)
        assert state["student_rank"] == rank
        assert state["label_noise"] == float(f"{state['label_noise']:.3g}") == pytest.approx(x, rel=6e-3)
    page.evaluate("Explorer.select('long')")
    settled(page)
    ranks = page.evaluate("Explorer.subjects.long.bins.ranks")
    low, high = next((a, b) for a, b in pairwise(ranks) if a > 3000 and b - a > 3)
    nearest = """([low, high, share]) => { const { axes } = Figures.drawn.get("ledger");
      const box = document.getElementById("figure-ledger").getBoundingClientRect();
      return [box.x + axes.x.at(low + share * (high - low)), box.y + (axes.top + axes.bottom) / 2]; }"""
    page.locator("#figure-ledger").scroll_into_view_if_needed()
    for share in (0.4, 0.6, 1.0):
        at = page.evaluate(nearest, [low, high, share])
        page.mouse.click(*at)
        across = at[0] - page.locator("#figure-ledger").bounding_box()["x"]
        read = page.evaluate("(x) => Figures.drawn.get('ledger').axes.x.value(x)", across)
        assert settled(page)["student_rank"] == min(ranks, key=lambda rank: abs(rank - read))


def test_a_direction_is_toggled_within_fourteen_pixels(page: Any) -> None:
    table = design().by_direction()
    s, cost = float(table["eigenvalue"].iloc[0]), float(table["retained_cost"].iloc[0])
    for away, rank in ((15.5, 6), (13.0, 5)):
        page.mouse.click(*point(page, "directions", s, cost, -away))
        assert settled(page)["student_rank"] == rank


def test_the_cursor_over_directions_tells_both_costs(page: Any) -> None:
    case = put(page, **UNEQUAL)
    table = case.by_direction()
    page.evaluate("Explorer.apply({ student_rank: 0 })")
    settled(page)
    page.evaluate("Explorer.apply({ student_rank: 5 })")
    settled(page)
    page.locator("#figure-directions").focus()
    seen = []
    for _ in range(14):
        page.keyboard.press("ArrowRight")
        seen.append(page.locator("#reading-directions").text_content())
    for _ in range(14):
        page.keyboard.press("ArrowLeft")
        seen.append(page.locator("#reading-directions").text_content())
    told = {
        f"direction {i + 1}, {'kept' if i < 5 else 'dropped'}: "
        f"{written(table['retained_cost'].iloc[i])} nats if kept, "
        f"{written(table['discarded_cost'].iloc[i])} if dropped"
        for i in range(12)
    }
    assert set(seen) == told
    assert seen[13].startswith("direction 12,")
    assert seen[-1].startswith("direction 1,")
    assert page.evaluate("document.getElementById('formula').dataset.shown") == "keep_direction_threshold"
    page.keyboard.press("Enter")
    assert settled(page)["student_rank"] == 4
    assert list(page.evaluate("Array.from(Explorer.state.design.order)"))[:4] == [1, 2, 3, 4]
    page.evaluate("Explorer.select('yours')")  # in which it stands at the last that is kept again
    settled(page)
    page.keyboard.press("ArrowLeft")
    assert page.locator("#reading-directions").text_content().startswith("direction 5, kept:")
    page.evaluate("Explorer.select('long')")
    settled(page)
    page.keyboard.press(" ")
    words = "Long spectra keep their leading directions: single ones are not shown."
    assert page.locator("#objection").text_content() == words


def test_keys_stop_at_both_ends_of_the_ranks(page: Any) -> None:
    for rank, key in ((0, "ArrowLeft"), (12, "ArrowRight")):
        put(page, student_rank=rank)
        page.locator("#figure-ledger").focus()
        page.keyboard.press(key)
        assert settled(page)["student_rank"] == rank
        assert page.locator("#objection").text_content() == ""
    page.locator("#figure-map").focus()
    page.keyboard.press("ArrowDown")
    assert settled(page)["student_rank"] == 11
    before = settled(page)["label_noise"]
    page.keyboard.press("ArrowLeft")
    ratio = (25 / 0.01) ** (1 / 300)
    assert settled(page)["label_noise"] == pytest.approx(before / ratio, rel=6e-3)
