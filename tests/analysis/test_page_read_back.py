"""Every sentence and table of an analysis's page and of the screen is held against refits."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from analysis.by_refits import Refits
from analysis.report_reader import ReportReader, is_told, reads
from analysis.told_analyses import NAMES, alternatives, analysed, outputs, used
from numpy.testing import assert_allclose
from rich.console import Console
from typer.testing import CliRunner

import lingauss as lg
from lingauss.analysis.screen import show
from lingauss.cli import app

NUMERIC = re.compile(r"[+−-]?[\d.,]+(e-\d+)?( %)?|–")


@pytest.fixture
def cases():
    return analysed()


@pytest.fixture(params=["one", "two", "columns", "classes"])
def told(request):
    return analysed()[request.param]


def test_the_page_has_the_question_the_answer_and_its_sections(told):
    top, *sections = told.page
    assert top.title == "Which student for the DataFrame?"
    assert top.said("title") == [top.title]
    assert top.said("lead") == [told.advice.verdict()]
    assert [(part.title, part.folded) for part in sections] == [
        ("The student", False),
        ("The student's coefficients", False),
        ("What smaller students lose in predictions", True),
        ("How faithful the student is to the teacher's uncertainty", True),
        ("How the student is trained", True),
        ("Recommended settings", True),
        ("Data, noise and teacher", True),
        ("What this rests on", True),
    ]


def test_the_table_of_choices_tells_what_refits_say(told):
    (caption, header, rows), r = told.page[0].tables[0], told.refits
    name = "Brier" if told.of_classes else "RMSE"
    right = ["right"] if told.of_classes else []
    new, here = f"{name} new", f"{name} here"
    assert header == ["choice", f"{told.thing}s", new, "±", "R² new", *right, here, "R² here"]
    assert [row[0] for row in rows] == [", ".join(names) for names in told.choices.values()]
    for cells, rank in zip(rows, told.choices, strict=True):
        row, squared, inside = dict(zip(header, cells, strict=True)), told.errors[rank], r.every_risk[rank]
        expected = {
            f"{told.thing}s": rank,
            new: told.error(squared),
            "±": told.spread(squared),
            "R² new": told.explained(squared),
            here: told.error(inside + r.noise_risk),
            "R² here": told.explained(inside + r.noise_risk),
        }
        if told.of_classes:
            assert row["right"].endswith(" %")
            assert float(row["right"].removesuffix(" %")) == pytest.approx(100.0 * r.accuracy(rank), abs=0.0501)
        for column, value in expected.items():
            assert is_told(row[column], value), (column, row[column], value)
        # Two digits for what is uncertain, three or more for an error.
        assert len(row["±"].replace(".", "").lstrip("0")) == 2
        assert len(row[new].replace(".", "").lstrip("0")) >= 3
    how = "fifths held out" if told.kind == "columns" else "cross-validated"
    unit = ", in standard deviations of the targets" * (told.kind in ("two", "columns"))
    classes = "; right: rows held out" * told.of_classes
    assert caption == f"new: unseen rows, {how}{classes}; here: at these inputs, plug-in{unit}"


def test_the_columns_that_matter_are_those_whose_spread_moves_predictions_most(told):
    weights, _ = told.refits.weights(told.rank)
    moves = weights * told.refits.X.std(axis=0)[:, None]
    sizes = np.sqrt(np.sum(moves**2, axis=1))
    order = sorted(used(told), key=lambda j: -sizes[j])
    [text] = told.section("The student").said()
    start, _, listed = text.partition(": ")
    assert start == "Columns that matter most (change of the prediction per standard deviation)"
    more = len(order) - 5
    end = f"; {more} more." if more > 0 else "."
    assert listed.endswith(end)
    items = listed.removesuffix(end).split(", ")
    assert len(items) == min(5, len(order))
    for item, j in zip(items, order, strict=False):
        value = moves[j, 0] if told.kind == "one" else sizes[j]
        reads(item, "{name} ({value})", name=NAMES[j], value=value)
        assert (item.partition("(")[2][0] in "+−") == (told.kind == "one")


def test_the_commands_that_are_told_work_as_they_stand(cases, tmp_path, monkeypatch):
    told = cases["one"]
    monkeypatch.chdir(tmp_path)
    [code] = told.section("The student").said("code")
    command, loading, saving = code.splitlines()
    exec(saving.partition("#")[0], {"advice": told.advice})  # noqa: S102
    X = told.refits.X
    pd.DataFrame(X, columns=NAMES).to_csv("NEW.csv", index=False)
    words = command.split()
    assert words[0] == "lingauss"
    assert CliRunner().invoke(app, words[1:]).exit_code == 0
    weights, intercept = told.refits.weights(told.rank)
    assert_allclose(pd.read_csv("predictions.csv")["price"], (X @ weights + intercept)[:, 0], rtol=1e-6)
    assert_allclose(eval(loading.partition("#")[0], {"lg": lg, "X": X}), (X @ weights + intercept)[:, 0], rtol=1e-6)  # noqa: S307


def test_the_tables_of_the_page_are_those_of_the_files(told):
    [(caption, header, rows)] = told.section("The student's coefficients").tables
    assert caption == "In the units of the data; predictions are their weighted sum"
    weights, intercept = told.refits.weights(told.rank)
    expected = np.vstack([intercept, weights[used(told)]])
    assert header == ["feature", *outputs(told)]
    assert [row[0] for row in rows] == ["intercept", *(NAMES[j] for j in used(told))]
    for cells, values in zip(rows, expected, strict=True):
        assert all(is_told(cell, value) for cell, value in zip(cells[1:], values, strict=True))


def test_what_smaller_students_lose_is_told_in_squared_units(told):
    part, r = told.section("What smaller students lose in predictions"), told.refits
    first, *_, second = part.said()
    reads(
        first,
        "Of the squared error on new labels at these inputs, {noise} is label noise that no model can remove, "
        "{article} {name} of {root}. The excess risk comes on top: {risk} for the recommended student, {teacher} for "
        "the teacher's mean predictions.",
        noise=r.noise_risk,
        article="a" if told.of_classes else "an",
        name=told.word,
        root=told.error(r.noise_risk),
        risk=r.risk(told.rank),
        teacher=r.risks(0)[0],
    )
    changes = [r.risk(told.rank, mixing=mixing) / r.risk(told.rank) - 1.0 for mixing in (1.0, 0.0)]
    words = [
        "no more" if abs(value) < 5e-6 else f"{{{name}}} % {'more' if value > 0 else 'less'}"
        for name, value in zip(("soft", "true"), changes, strict=True)
    ]
    reads(
        second,
        f"Soft labels alone cost {words[0]} excess risk, true labels alone {words[1]}. With a well-chosen penalty, "
        "distilling from the same inputs changes predictions little (docs/theory.md §5.9).",
        **{name: 100 * abs(value) for name, value in zip(("soft", "true"), changes, strict=True) if abs(value) > 5e-6},
    )
    [(caption, header, rows)], expected = part.tables, alternatives(told)
    assert caption == "What other choices cost (plug-in, squared label units)"
    assert header == [
        "choice", "rank", "mixing ξ", "temperature τ", "excess risk", "above the least", "squared error"
    ]  # fmt: skip
    assert [row[0] for row in rows] == list(expected)
    for (name, *cells), values in zip(rows, expected.values(), strict=True):
        risk = values[-1]
        above = 100.0 * (risk / r.every_risk.min() - 1.0)
        for cell, value in zip(cells, [*values, above, risk + r.noise_risk], strict=True):
            assert cell == "–" if np.isnan(value) else is_told(cell.removesuffix(" %"), value), (name, cell, value)
        assert cells[4].endswith(" %")


def test_what_uncertainty_costs_is_told_in_nats(told):
    part = told.section("How faithful the student is to the teacher's uncertainty")
    first, *_, claim = part.said()
    bias, variance, lost = told.ledger(told.rank)
    costs = [told.ledger(rank).sum() for rank in range(8)]
    best = int(np.argmin(costs))
    assert best != told.rank
    reads(
        first,
        "Given the data the student's weights differ from the teacher's posterior by {total} nats: bias {bias}, "
        "variance {variance}, and {lost} for the rank bottleneck, which no training removes. The rank is the one "
        "recommended for predictions; at these settings rank {best} is closest, {least} nats, and --objective "
        "divergence (objective=) judges by that.",
        total=bias + variance + lost,
        bias=bias,
        variance=variance,
        lost=lost,
        best=best,
        least=min(costs),
    )
    assert claim == f"Optimality: {told.advice.advice.faithful.certificate.claim}."
    [(caption, header, rows)] = part.tables
    assert caption == "What moving costs, in nats"
    assert header == ["setting", "best value", "10 % smaller", "10 % larger"]
    assert [row[0] for row in rows] == ["temperature τ", "floor φ"]
    moved = {}
    for (name, value, *moves), key, best in zip(rows, ("temperature", "floor"), told.spread_settings, strict=True):
        assert is_told(value, best)
        changed = [
            told.ledger(told.rank, **{key: factor * best}).sum() - sum(told.ledger(told.rank)) for factor in (0.9, 1.1)
        ]
        assert abs(changed[0] - changed[1]) > 0.005 * changed[0], "too symmetric to tell smaller from larger"
        assert all(is_told(cell, change) for cell, change in zip(moves, changed, strict=True)), (name, moves, changed)
        moved[key] = [best, *changed]
    found = told.advice.sensitivities()
    assert list(found.columns) == ["value", "10 % smaller", "10 % larger"]
    assert_allclose(found.loc[list(moved)], list(moved.values()), rtol=1e-4)


def test_the_verdict_says_what_the_tables_say(told):
    r, everything = told.refits, told.errors[7]
    rank, kept = told.rank, ""
    if told.kind == "columns":
        names = [NAMES[int(np.argmax(column))] for column in r.basis[:, :rank].T]
        kept = f" ({', '.join(names[:6])})"
    shares = [told.explained(squared) for squared in (told.errors[rank], everything)]
    explained = "R² {own} instead of {other}" if abs(shares[0] - shares[1]) > 0.005 else "R² {own}"
    right = 100.0 * np.array([r.accuracy(rank), r.accuracy(7)]) if told.of_classes else np.zeros(2)
    differ = right[0] != right[1]
    accuracy = ("accuracy {right} % instead of {right_all} %, " if differ else "accuracy {right} %, ") * told.of_classes
    asked = {
        "two": "Soft labels have a share of 0.4, as asked.",
        "columns": "Train on the true labels.",  # what soft labels gain is judged for principal directions alone
    }
    distilling = asked.get(
        told.kind, "Distilling gains nothing here that exceeds its uncertainty; train on the true labels."
    )
    compared, errors = "", {}
    if told.kind == "columns":
        ways = {name: Refits(r.X, r.Y, sight=name, scale_targets=True) for name in ("principal", "aligned", "features")}
        able = [name for name in ways if name != "aligned" or rank < 2]
        errors = {name: told.error(ways[name].held_out_mean(rank)) for name in able}
        listed = ", ".join(f"{name} {{{name}}}" for name in errors)
        missing = " (aligned ones lose nothing of the teacher's predictions here, and are no smaller student)"
        best = min(errors, key=errors.get)
        compared = f"At {rank}, on rows held out: {listed}{missing * ('aligned' not in errors)}; use {best}. "
    values = {
        "error": told.error(told.errors[rank]),
        "all": told.error(everything),
        "own": shares[0],
        **({"other": shares[1]} if "other" in explained else {}),
        **({"right": right[0]} if told.of_classes else {}),
        **({"right_all": right[1]} if differ else {}),
        **errors,
    }
    reads(
        told.advice.verdict(),
        f"Keep {rank} of 7 {told.thing}s{kept}: {told.word} on new rows {{error}} instead of {{all}} with all of them "
        f"({accuracy}{explained}). {compared}{distilling}",
        **values,
    )


def test_the_short_form_tells_the_verdict_and_the_settings(told):
    first, *lines = repr(told.advice).splitlines()
    assert first == f"Analysis of the DataFrame (plug-in): rank {told.rank} of 7"
    assert " ".join(" ".join(lines[:-2]).split()) == told.advice.verdict()
    assert max(map(len, lines)) <= 112
    temperature, floor = told.spread_settings
    reads(
        lines[-2], "  for predictions: temperature=0, mixing={mixing}; excess risk {risk}",
        mixing=told.refits.mixing, risk=told.refits.risk(told.rank),
    )  # fmt: skip
    reads(
        lines[-1],
        "  for uncertainty: temperature={temperature}, mixing={mixing}, floor={floor}; divergence {total} nats",
        temperature=temperature, mixing=told.law_mixing, floor=floor, total=told.ledger(told.rank).sum(),
    )  # fmt: skip
    notebook = ReportReader(told.advice._repr_html_()).parts[0]
    assert notebook.said() == [told.advice.verdict()]
    assert notebook.tables == told.page[0].tables


def test_how_the_student_is_trained_is_told_as_it_was(told):
    [text] = told.section("How the student is trained").said()
    seen = {"columns": "some of the features, chosen one after the other by its excess risk (plug-in)"}
    reads(
        text,
        "The student is ridge regression with penalty λ = {penalty} on {seen}. For predictions it is trained on "
        "(1 − ξ) times the true plus ξ times the teacher's predicted labels. For uncertainty, many such students, each "
        "trained on labels of its own teacher draw with noise of variance τν² added, spread like the teacher's "
        "posterior; what they do not see gets variance φ.",
        penalty=told.refits.own_penalty,
        seen=seen.get(told.kind, "the leading principal directions of the features"),
    )


def test_recommended_settings_are_those_of_the_file(told):
    [(caption, header, rows)], r = told.section("Recommended settings").tables, told.refits
    assert caption == "Recommended (plug-in)"
    assert header == ["", "for predictions", "for uncertainty"]
    temperature, floor = told.spread_settings
    bias, variance, lost = told.ledger(told.rank)
    draws = "3 teacher draws averaged" if told.kind == "two" else "one teacher draw each"
    risk = r.risk(told.rank)
    above = 100.0 * (risk / r.every_risk.min() - 1.0)
    settings = {row[0]: row[1:] for row in rows}
    assert settings.pop("soft labels") == ["the teacher's mean predictions", f"{draws}, plus noise"]
    expected = {
        "student rank r": ("{a}", told.rank, "{a}", told.rank),
        "temperature τ of the noise": ("{a}", 0.0, "{a}", temperature),
        "mixing ξ, share of soft labels": ("{a}", r.mixing, "{a}", told.law_mixing),
        "floor φ, variance of unlearned weights": ("no effect", None, "{a}", floor),
        "cost": ("excess risk {a}", risk, "divergence {a} nats", bias + variance + lost),
    }
    for name, (first, one, second, two) in expected.items():
        cells = settings.pop(name)
        reads(cells[0], first, **({} if one is None else {"a": one}))
        reads(cells[1], second, a=two)
    [(name, (first, second))] = settings.items()
    assert name == "of which"
    reads(first, "{above} % above the least", above=above)
    reads(second, "bias {bias} + variance {variance} + rank bottleneck {lost}", bias=bias, variance=variance, lost=lost)


def test_data_noise_and_teacher_are_told_as_refits_find_them(told):
    r, notes = told.refits, told.section("Data, noise and teacher").said()
    n, d, _ = r.shape
    if told.of_classes:
        listed = "'cheap', 'dear', 'fair'"
        assert notes.pop(0) == (
            f"Target 'kind' is a class and is one-hot: one output for each of its 3 classes {listed}."
        )
    if told.kind in ("two", "columns"):
        scaled = "Targets were divided by their standard deviations, so that one label noise suits them all."
        assert notes.pop(1) == scaled
    units, noise, penalty = notes
    spreads = r.X.std(axis=0)
    reads(
        units,
        "Features and targets were centred, so that an intercept is fitted, and features divided by their standard "
        "deviations, which were {low} to {high}.",
        low=spreads.min(),
        high=spreads.max(),
    )
    reads(
        noise,
        "Label noise ν = {noise} (standard deviation), estimated from least-squares residuals with {freedom} degrees "
        "of freedom.",
        noise=r.noise,
        freedom=n - 1 - d,
    )
    sizes = np.linalg.svd(r.Z, compute_uv=False) ** 2
    reads(
        penalty,
        "The teacher's penalty λ = {penalty} maximises the marginal likelihood, from moments; it leaves {freedom} "
        "effective degrees of freedom of {d}. It is the alpha of scikit-learn's Ridge on the same features.",
        penalty=r.penalty,
        freedom=np.sum(sizes / (sizes + r.penalty)),
        d=d,
    )


# The screen


def test_the_screen_shows_what_the_page_shows(told):
    screen = io.StringIO()
    show(told.advice, Console(file=screen, width=250), details=True)
    lines = screen.getvalue().splitlines()
    joined = " ".join(screen.getvalue().split())
    place = 0
    for part in told.page:
        texts = [part.title, *(text for name, text in part.texts if name in ("p", "lead", "warning", "note"))]
        for text in texts:
            place = joined.index(" ".join(text.split()), place)
        for caption, header, rows in part.tables:
            start = next(i for i, line in enumerate(lines) if line.strip() == caption)
            rule = next(i for i in range(start, len(lines)) if lines[i].startswith("──"))
            assert sorted(" ".join(lines[start + 1 : rule]).split()) == sorted(" ".join(header).split())
            shown = lines[rule + 1 : rule + 1 + len(rows)]
            assert [" ".join(line.split()) for line in shown] == [" ".join(" ".join(row).split()) for row in rows]
            for column in range(len(header)):
                ends = {edges(line, row)[column] for line, row in zip(shown, rows, strict=True)}
                numbers = all(NUMERIC.fullmatch(row[column]) for row in rows)
                assert len({end[numbers] for end in ends}) == 1, "numbers end below each other, words start so"
    plain = io.StringIO()
    show(told.advice, Console(file=plain, width=250))
    brief = plain.getvalue()
    assert screen.getvalue().startswith(brief[: brief.index("Columns that matter most")].rstrip())
    assert told.page[2].title not in brief
    assert "lingauss predict" not in brief


def edges(line, row):
    """Where the cells of a row start and end on a line."""
    found, place = [], 0
    for cell in row:
        start = line.index(cell, place)
        place = start + len(cell)
        found.append((start, place))
    return found
