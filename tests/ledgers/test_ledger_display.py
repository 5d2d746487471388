"""How a ledger shows itself: the six cells, their sums, whose cost each is, and what to do when it is infinite."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import lingauss as lg
from lingauss.ledgers.ledger import Ledger

CELLS = np.array([[1.0, 0.5, 0.25], [2.0, 4.0, 8.0]])
LEDGER = Ledger(CELLS, 3.0, "weights", "averaged")


def hard_case():
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [1.0, 1.0, 1.0], n_samples=10, label_noise=0.5)
    return lg.Distillation(problem, bottleneck=lg.Principal(2), floor=0.0)


def test_costs_are_sums_of_their_cells():
    assert (LEDGER.bias, LEDGER.variance, LEDGER.rank_bottleneck, LEDGER.total) == (1.0, 0.75, 14.0, 15.75)


def test_frame_names_direction_source_and_cost_of_every_cell():
    frame = LEDGER.to_frame()
    assert list(frame.columns) == ["direction", "source", "cost", "nats"]
    assert frame["nats"].tolist() == CELLS.ravel().tolist()
    assert frame["direction"].tolist() == ["retained"] * 3 + ["discarded"] * 3
    assert frame["source"].tolist() == ["mean", "label noise", "spread"] * 2
    costs = frame.groupby("cost")["nats"].sum()
    assert costs.to_dict() == {
        "bias": LEDGER.bias,
        "variance": LEDGER.variance,
        "rank bottleneck": LEDGER.rank_bottleneck,
    }


def test_text_shows_cells_sums_costs_level_and_mode():
    assert repr(LEDGER) == "\n".join(
        [
            "Ledger of weights, averaged (nats)",
            "           mean  label noise  spread    sum",
            " retained     1          0.5    0.25   1.75",
            "discarded     2            4       8     14",
            "      sum     3          4.5    8.25  15.75",
            "bias 1 + variance 0.75 + rank bottleneck 14 = 15.75 nats",
            "(of the rank bottleneck 3 nats are irreducible)",
        ]
    )


def test_text_columns_stay_aligned_whatever_the_numbers():
    ragged = Ledger(np.array([[1e-300, 123456.789, np.inf], [0.0, 1.0, 1e300]]), np.inf, "predictions", "plug-in")
    _, *table, _, _, _ = repr(ragged).splitlines()
    assert len({len(line) for line in table}) == 1
    assert len(table) == 4


def parsed(ledger):
    """The HTML as a tree; raises unless every tag but the line break is closed."""
    markup = ledger._repr_html_().replace("<br>", "<br/>")
    return ET.fromstring(f"<div>{markup}</div>")  # noqa: S314 (our own text)


def test_html_holds_the_same_table_as_the_text():
    tree = parsed(LEDGER)
    assert tree.findtext(".//caption") == "Ledger of weights, averaged (nats)"
    assert ["".join(cell.itertext()) for cell in tree.findall(".//thead/tr/th")] == [
        "",
        "mean",
        "label noise",
        "spread",
        "sum",
    ]
    rows = [["".join(cell.itertext()) for cell in row] for row in tree.findall(".//tbody/tr")]
    assert rows == [
        ["retained", "1", "0.5", "0.25", "1.75"],
        ["discarded", "2", "4", "8", "14"],
        ["sum", "3", "4.5", "8.25", "15.75"],
    ]
    assert [*tree.find(".//p").itertext()] == repr(LEDGER).splitlines()[-2:]


def test_html_escapes_what_it_shows():
    assert "<b>" not in Ledger(CELLS, 3.0, "<b>", "a & b")._repr_html_()
    parsed(Ledger(CELLS, 3.0, "<b>", "a & b"))


def test_finite_total_needs_no_advice():
    assert LEDGER.advice == ""
    assert "+inf" not in repr(LEDGER)


@pytest.mark.parametrize(
    "case",
    [
        hard_case(),
        hard_case().replace(bottleneck=None, student=lg.Ridge(1.0, temperature=0.0), mixing=0.0),
        hard_case().replace(bottleneck=None, teacher=lg.Ridge(1.0, temperature=0.0), floor=None),
    ],
    ids=["hard bottleneck", "deterministic student", "deterministic teacher"],
)
def test_infinite_total_says_why_and_what_to_ask_instead(case):
    ledger = case.divergence()
    assert ledger.total == np.inf
    for text in (repr(ledger), ledger._repr_html_()):
        assert "do not share their support" in text
        assert "prediction_divergence()" in text
    assert parsed(ledger).find(".//p/br") is not None
    finite = case.prediction_divergence()
    assert np.isfinite(finite.total)
    assert finite.advice == ""


def test_bias_of_a_hard_bottleneck_stays_finite():
    ledger = hard_case().divergence()
    assert np.isfinite(ledger.bias)
    assert ledger.rank_bottleneck == np.inf
    assert np.isfinite(ledger.rank_irreducible)


def test_level_and_mode_are_those_of_the_question():
    case = hard_case().replace(floor=None)
    assert repr(case.divergence()).startswith("Ledger of weights, averaged")
    assert repr(case.prediction_divergence()).startswith("Ledger of predictions, averaged")
    law = lg.Gaussian([0.0], [[1.0]])
    assert repr(lg.ledger(law, law)).startswith("Ledger of weights, given")


def test_showing_a_ledger_does_not_import_pandas():
    program = (
        "import sys, numpy as np; from lingauss.ledgers.ledger import Ledger;"
        "ledger = Ledger(np.zeros((2, 3)), 0.0, 'weights', 'given'); repr(ledger); ledger._repr_html_();"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
