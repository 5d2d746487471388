"""Addresses of the page, designs that are pinned, and spectra that a reader brings."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pytest
from pages import settled

pytestmark = pytest.mark.browser


def test_pins_have_the_first_free_letter_and_short_names(visit: Any) -> None:
    added, renamed, blank, free = visit.evaluate(
        """(() => { const three = ["a", "b", "c"].reduce((pins, key) => Pins.added(pins, key, {}), []);
             const without = Pins.without(three, "A"), again = Pins.added(without, "d", {});
             return [again.map(({ letter, name, key }) => [letter, name, key]),
               Pins.renamed(three, "B", "  " + "n".repeat(60))[1].name, Pins.renamed(three, "B", "  ")[1].name,
               [Pins.free(three) ?? null, Pins.free(without)]]; })()"""
    )
    assert added == [["A", "Design A", "d"], ["B", "Design B", "b"], ["C", "Design C", "c"]]
    assert (renamed, blank, free) == ("n" * 40, "Design B", [None, "A"])


READ = """(fragments) => fragments.map((fragment) => {
  const start = { wish: { objective: "divergence", tolerance: 0, budget: null },
                  axis: { name: "temperature", quantity: "divergence" } };
  const { state, refused, subjects } = Address.read(fragment, Explorer.subjects, start);
  const plain = ({ order, ...design }) => ({ ...design, order: order && Array.from(order) });
  return { ...state, design: plain(state.design), refused, own: subjects.own ?? null,
           pins: state.pins.map((pin) => ({ ...pin, design: plain(pin.design) })) }; })"""


def read(visit: Any, *fragments: str) -> list[dict[str, Any]]:
    return list(visit.evaluate(READ, [f"#{fragment}" for fragment in fragments]))


def test_an_address_says_wishes_axes_and_settings_or_why_not(visit: Any) -> None:
    taken = {
        "tolerance=0": ("wish", "tolerance", 0), "tolerance=0.5": ("wish", "tolerance", 0.5),
        "budget=0": ("wish", "budget", 0), "budget=3": ("wish", "budget", 3),
        "objective=excess_risk": ("wish", "objective", "excess_risk"), "axis=rounds": ("axis", "name", "rounds"),
        "quantity=student_gap": ("axis", "quantity", "student_gap"), "student_rank=0": ("design", "student_rank", 0),
        "student_rank=12": ("design", "student_rank", 12), "floor=prior": ("design", "floor", None),
        "mixing=-0.25": ("design", "mixing", -0.25), "n_samples=7": ("design", "n_samples", 7),
        "order=2-12,1": ("design", "order", [*range(1, 12), 0]), "order=leading": ("design", "order", None),
        "order=12,1-11": ("design", "order", [11, *range(11)]), "order=1-12": ("design", "order", [*range(12)]),
    }  # fmt: skip
    for found, (fragment, (part, name, value)) in zip(read(visit, *taken), taken.items(), strict=True):
        assert found[part][name] == value, fragment
        assert found["refused"] == []
    refused = [
        "tolerance=", "tolerance=-1", "tolerance=Infinity", "tolerance=x", "budget=2.5", "budget=-1", "budget= ",
        "objective=risk", "axis=risk", "quantity=risk", "student_rank=13", "student_rank=1.5", "temperature=prior",
        "temperature=-1", "draws=0", "order=1-11", "order=1-12,12", "order=0-11", "order=2-13", "order=1-999999999999",
        "order=x", "subject=none",
    ]  # fmt: skip
    (start,) = read(visit, "")
    assert start["refused"] == []
    assert (start["key"], start["pins"]) == ("yours", [])
    for found, fragment in zip(read(visit, *refused), refused, strict=True):
        assert found["refused"] == [fragment]
        assert {**found, "refused": []} == start
    unknown, both, order = read(visit, "rnk=3&rnk=4", "student_temperature=0&floor=prior", "subject=long&order=1-12")
    assert unknown["refused"] == ["rnk"]
    assert both["design"] == start["design"]
    assert "prior variance" in both["refused"][0]
    assert order["refused"] == ["order=1-12"]


def test_an_address_holds_up_to_three_pins_of_different_letters(visit: Any) -> None:
    def pin(**parts: Any) -> str:
        return f"pin={quote(urlencode(parts))}"

    (found,) = read(visit, "&".join([pin(letter="B", name="n" * 50, draws=5), pin(letter="B", subject="power-law"),
                                     pin(letter="Z"), pin(letter="A")]))  # fmt: skip
    assert [(one["letter"], one["name"], one["key"]) for one in found["pins"]] == [
        ("B", "n" * 40, "yours"), ("A", "A", "power-law"), ("C", "C", "yours"),
    ]  # fmt: skip
    assert [one["design"]["draws"] for one in found["pins"]] == [5, 1, 2]
    (kept,) = read(visit, pin(letter="C", name="last"))
    assert (kept["pins"][0]["letter"], kept["pins"][0]["name"]) == ("C", "last")


WRITE = """([key, changes, own, pinned]) => {
  const start = { wish: { objective: "divergence", tolerance: 0, budget: null },
                  axis: { name: "temperature", quantity: "divergence" } };
  const line = Array(own).fill(1), parsed = OwnSpectrum.parse(line.join("\\n")).subject;
  const subjects = { ...Explorer.subjects, ...(own ? { own: parsed } : {}) };
  const design = { order: null, ...subjects[key].design, ...changes };
  const held = (key) => ({ letter: "A", name: "x", key, design: { order: null, ...subjects[key].design } });
  const pins = pinned ? [held(pinned)] : [];
  return Address.write({ key, design, pins, wish: start.wish, axis: start.axis }, subjects, start); }"""


def test_an_address_tells_orders_in_runs_and_short_spectra_that_are_used(visit: Any) -> None:
    def order(directions: list[int]) -> str:
        return str(visit.evaluate(WRITE, ["yours", {"order": directions}, 0, None]))

    assert order([0, 1, 2, 5, 7, 6, 8, 3, 4, 9, 10, 11]) == "#subject=yours&order=1-3%2C6%2C8%2C7%2C9%2C4-5%2C10-12"
    assert order([11, *range(11)]) == "#subject=yours&order=12%2C1-11"
    assert visit.evaluate(WRITE, ["yours", {}, 0, None]) == "#subject=yours"
    own = {(d, key, pinned): "own=" in visit.evaluate(WRITE, [key, {}, d, pinned])
           for d, key, pinned in ((512, "own", None), (513, "own", None), (5, "yours", None), (5, "yours",
             "own"))}  # fmt: skip
    assert own == {
        (512, "own", None): True,
        (513, "own", None): False,
        (5, "yours", None): False,
        (5, "yours", "own"): True,
    }


PARSE = "([text, given]) => OwnSpectrum.parse(text, given)"


def test_an_own_spectrum_is_sorted_and_has_a_plain_design_around_its_middle(visit: Any) -> None:
    (one,) = [visit.evaluate(PARSE, ["s w\n1 5\n 9;6 \n# no\n4,7\n3\t8\n", {}])["subject"]]
    assert (one["eigenvalues"], one["signal"]) == ([9, 4, 3, 1], [6, 7, 8, 5])
    assert one["design"] == {
        "temperature": 1, "mixing": 1, "teacher_temperature": 1, "student_temperature": 1, "teacher_noise": None,
        "student_noise": None, "floor": None, "draws": 1, "student_rank": 2, "label_noise": 0.5, "n_samples": 16,
        "teacher_penalty": 4, "student_penalty": 2,
    }  # fmt: skip
    rest = {name: one[name] for name in ("title", "n_samples", "outputs", "intercept", "fixed_design", "population")}
    assert rest == {
        "title": "Your spectrum", "n_samples": 16, "outputs": 1, "intercept": False, "fixed_design": True,
        "population": True,
    }  # fmt: skip
    assert (one["mode"], one["bins"]) == ("averaged", None)
    line = visit.evaluate(PARSE, ["7 8 9", {"n_samples": 50, "label_noise": 0.25, "outputs": 3}])["subject"]
    assert (line["eigenvalues"], line["signal"]) == ([9, 8, 7], [1, 1, 1])
    assert (line["n_samples"], line["outputs"], line["design"]["label_noise"]) == (50, 3, 0.25)
    assert (line["design"]["teacher_penalty"], line["design"]["student_rank"]) == (8, 1)
    two = visit.evaluate(PARSE, ["7 2", {}])["subject"]  # a line of two: eigenvalue and signal
    assert (two["eigenvalues"], two["signal"]) == ([7], [2])
    null = visit.evaluate(PARSE, ["5\n0\n0\n", {}])["subject"]
    assert null["design"]["teacher_penalty"] == 5
    most = visit.evaluate(PARSE, ["1\n" * 4096, {}])
    assert len(most["subject"]["eigenvalues"]) == 4096


def test_refused_spectra_say_what_and_where(visit: Any) -> None:
    columns = "expected one column of eigenvalues, or two with the signal; got {} columns in line {}. Write the same columns in every line."  # noqa: E501
    squares = "expected finite numbers of at least 0; got “{}” in line {}. Eigenvalues and signals are squares."
    for text, words in (
        ("", "expected eigenvalues; got none. Write one per line, and beside each its signal if you know it."),
        ("header\n", "expected eigenvalues; got none. Write one per line, and beside each its signal if you know it."),
        ("1 2 3\n4 5 6", columns.format(3, 1)),
        ("1\n2\n3 4", columns.format(2, 3)),
        ("1 2\n3 −4", squares.format("3 −4", 2)),
        ("1\nx", squares.format("x", 2)),
        (
            "1\n" * 4097,
            "expected at most 4096 directions; got 4097. Longer spectra go through lingauss: case.explore().",
        ),
        ("0\n0", "expected an eigenvalue above 0; got none. Inputs that are all 0 teach nothing."),
    ):
        assert visit.evaluate(PARSE, [text, {}]) == {"objection": words}
    assert visit.evaluate(PARSE, ["1", {"label_noise": -1}])["objection"].startswith(
        "Label noise: expected label_noise"
    )
    nothing = "expected a spectrum; got something else. Type it again."
    for text in ("[[1],[2,3],4,1,0.5]", "nonsense", "[1,2]", "null"):
        assert visit.evaluate("(text) => OwnSpectrum.fromText(text)", text) == {"objection": nothing}


def test_power_laws_fall_from_their_top_as_their_exponents_say(visit: Any) -> None:
    law = "([size, top, decay, signal]) => OwnSpectrum.powerLaw(size, top, decay, signal)"
    index = np.arange(1.0, 6.0)
    found = np.array(visit.evaluate(law, [5, 70, 1.5, 0.5])["rows"])
    np.testing.assert_allclose(found, np.transpose([70 * index**-1.5, index**-0.5]), rtol=1e-14)
    for size in (1, 4096):
        assert len(visit.evaluate(law, [size, 1, 0, -1])["rows"]) == size
    whole = "expected a whole number of directions from 1 to 4096; got {}. Choose fewer."
    for size, said in ((0, "0"), (4097, "4097"), (1.5, "1.5"), (math.nan, "–")):
        assert visit.evaluate(law, [size, 1, 1, 1]) == {"objection": whole.format(said)}
    top = "expected a largest eigenvalue above 0; got {}. Enter a number."
    for value, said in ((0, "0"), (-1, "−1"), (math.nan, "–"), (math.inf, "∞")):
        assert visit.evaluate(law, [5, value, 1, 1]) == {"objection": top.format(said)}
    exponents = "expected finite exponents, of eigenvalues at least 0; got {} and {}. Enter numbers."
    for decay, signal, said in ((-1, 1, ("−1", "1")), (1, math.nan, ("1", "–")), (math.inf, 2, ("∞", "2"))):
        assert visit.evaluate(law, [5, 1, decay, signal]) == {"objection": exponents.format(*said)}


FILLED = (
    """(values) => { for (const [id, value] of Object.entries(values)) document.getElementById(id).value = value; }"""
)


def test_the_form_of_an_own_spectrum_takes_samples_noise_and_outputs(page: Any) -> None:
    page.get_by_role("button", name="Your spectrum").click()
    assert page.locator("#own-open").get_attribute("aria-expanded") == "true"
    assert page.evaluate("document.activeElement.id") == "own-text"
    refused = "Outputs: expected a whole number of at least 1."
    for outputs, words in (("0", refused), ("1.5", refused), ("x", refused), ("3", "")):
        page.evaluate(FILLED, {"own-text": "4\n2", "own-samples": "31", "own-noise": "0.7", "own-outputs": outputs})
        page.get_by_role("button", name="Use this spectrum").click()
        assert page.locator("#own-objection").text_content() == words
    settled(page)
    subject = page.evaluate("Explorer.scene().subject")
    assert (subject["n_samples"], subject["outputs"], subject["design"]["label_noise"]) == (31, 3, 0.7)
    assert page.locator("#facts").inner_text() == "31 samples, 2 directions, 3 outputs"
    page.locator("#law-size").fill("0")
    page.get_by_role("button", name="Use this power law").click()
    assert page.locator("#own-objection").text_content().startswith("expected a whole number of directions")
    page.evaluate(FILLED, {"law-size": "3", "own-samples": "", "own-noise": "0.5", "own-outputs": "1"})
    page.get_by_role("button", name="Use this power law").click()
    assert page.locator("#own-text").input_value().split("\n")[1] == "500 0.5"
    assert page.locator("#own-objection").text_content() == ""
    page.get_by_role("button", name="Your spectrum").click()
    assert page.locator("#own-open").get_attribute("aria-expanded") == "false"
    settled(page)
