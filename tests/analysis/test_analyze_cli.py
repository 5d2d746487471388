"""lingauss analyze: what it writes, and every bad input in one line with exit code 2."""

import gzip
import io
from functools import partial

import numpy as np
import pandas as pd
import pytest
from command_line import command_line

import lingauss as lg
from lingauss.errors import NotNumericError
from lingauss.folders import RECORD


def table(n=60, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=["age", "income", "rooms", "<b>x</b>"])
    return frame.assign(price=frame.to_numpy() @ [2.0, -1.0, 0.5, 0.1] + rng.normal(size=n))


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line in this process, without drawing; return exit code, output and error."""
    monkeypatch.setattr("lingauss.analysis.report.render", lambda draw, kinds: dict.fromkeys(kinds, b"<svg/>"))
    return partial(command_line(monkeypatch, capsys, tmp_path), "analyze")


def refused(result, *words):
    code, _, error = result
    assert code == 2
    assert "Traceback" not in error
    assert error.count("\n") == 1
    assert error.startswith("error: ")
    for word in words:
        assert word in error


# What it does


def test_a_csv_becomes_advice_a_report_charts_and_tables(run, tmp_path):
    table().to_csv(tmp_path / "houses.csv", index=False)
    code, out, error = run("houses.csv", "--targets", "price", "--tolerance", "5%", "--details")
    assert (code, error) == (0, "")
    assert "plug-in" in out
    assert "excess risk" in out
    assert "estimated from least-squares residuals with 55 degrees of freedom" in " ".join(out.split())
    names = sorted(path.name for path in (tmp_path / "houses-analysis").iterdir())
    assert names == [
        RECORD,
        "alternatives.csv",
        "by-rank.csv",
        "choices.csv",
        "coefficients.csv",
        "error-by-rank.png",
        "error-by-rank.svg",
        "ledger-by-rank.png",
        "ledger-by-rank.svg",
        "projection.csv",
        "report.html",
        "risk-by-rank.png",
        "risk-by-rank.svg",
        "settings.csv",
        "student.npz",
        "temperature-curves.png",
        "temperature-curves.svg",
    ]
    page = (tmp_path / "houses-analysis" / "report.html").read_text()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x" not in page


def both_ways(frame, tmp_path):
    """The same numbers in every format, with the arguments that name features and targets."""
    X, y = frame.drop(columns="price").to_numpy(), frame["price"].to_numpy()
    joint = np.column_stack([y, X])
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_csv(tmp_path / "z.csv.gz", index=False)
    frame.to_csv(tmp_path / "t.txt", index=False, sep=";")
    np.save(tmp_path / "joint.npy", joint)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    np.savez(tmp_path / "plain.npz", X=np.ascontiguousarray(X), y=y)
    np.savez(tmp_path / "columns.npz", X=np.asfortranarray(X), y=y)
    np.savez_compressed(tmp_path / "small.npz", A=np.ascontiguousarray(X), y=y)
    np.savez_compressed(tmp_path / "small-columns.npz", A=np.asfortranarray(X), y=y)
    return {
        "t.csv": ["--targets", "price"],
        "t.tsv": ["--targets", "price"],
        "z.csv.gz": ["--targets", "price"],
        "t.txt": ["--targets", "price", "--separator", ";"],
        "joint.npy": ["--targets", "0"],
        "X.npy": ["--targets", tmp_path / "y.npy"],
        "plain.npz": ["--targets", "y"],
        "columns.npz": ["--targets", "y"],
        "small.npz": ["--targets", "y", "--features", "A"],
        "small-columns.npz": ["--targets", "y"],
    }


def test_every_format_gives_the_same_advice(tmp_path):
    frame = table(200)
    expected = lg.analyze(frame, "price")
    for name, (_, *arguments) in both_ways(frame, tmp_path).items():
        options = {"--separator": "separator", "--features": "features"}
        named = {options[key]: value for key, value in zip(arguments[1::2], arguments[2::2], strict=True)}
        if "features" in named:
            named["features"] = [named["features"]]
        found = lg.analyze(tmp_path / name, arguments[0], **named)
        assert found.rank == expected.rank, name
        np.testing.assert_allclose(found.coefficients(), expected.coefficients(), rtol=1e-9, err_msg=name)


def test_pieces_give_the_same_advice_and_errors_name_rows_beyond_the_first(monkeypatch, tmp_path):
    monkeypatch.setattr("lingauss.tables.table.BATCH_CELLS", 60)
    frame = table(200)
    expected = lg.analyze(frame, "price").coefficients()
    both_ways(frame, tmp_path)
    for name, target in (("t.csv", "price"), ("joint.npy", "0"), ("small-columns.npz", "y"), ("plain.npz", "y")):
        np.testing.assert_allclose(lg.analyze(tmp_path / name, target).coefficients(), expected, rtol=1e-9)
    np.testing.assert_allclose(
        lg.analyze(tmp_path / "small.npz", "y", features=["A"]).coefficients(), expected, rtol=1e-9
    )
    lines = (tmp_path / "t.csv").read_text().splitlines()
    for column, words in ((0, "in 'age', row 150"), (4, "in row 150")):
        fields = lines[150].split(",")
        fields[column] = "much"
        (tmp_path / "bad.csv").write_text("\n".join([*lines[:150], ",".join(fields), *lines[151:]]))
        with pytest.raises(NotNumericError, match=f"'much' {words}"):
            lg.analyze(tmp_path / "bad.csv", "price")


def test_dropped_rows_are_counted_and_text_targets_are_one_hot(run, tmp_path):
    frame = table(90)
    frame.loc[[3, 50], "age"] = np.nan
    frame["kind"] = np.where(frame.price > 1, "dear", np.where(frame.price > -1, "fair", "cheap"))
    frame.loc[7, "kind"] = None
    frame.to_csv(tmp_path / "t.csv", index=False)
    code, out, _ = run("t.csv", "--targets", "kind", "--exclude", "price", "--drop-missing", "--details")
    told = " ".join(out.split())
    assert code == 0
    assert "3 of 90 rows had a missing entry and were left out" in told
    assert "one output for each of its 3 classes 'cheap', 'dear', 'fair'" in told
    assert "Brier" in told


def test_targets_may_be_listed_with_commas_and_are_scaled_where_there_are_several(run, tmp_path):
    table().assign(rent=lambda f: 100 * f.age + f.price).to_csv(tmp_path / "t.csv", index=False)
    code, out, _ = run("t.csv", "--targets", "price, rent", "--details")
    assert code == 0
    assert "Targets were divided by their standard deviations" in " ".join(out.split())


def test_names_cannot_steer_the_terminal(run, tmp_path):
    frame = table().rename(columns={"age": "[red]a\x1b[2Jge"})
    frame.to_csv(tmp_path / "t.csv", index=False)
    code, out, _ = run("t.csv", "--targets", "price")
    assert code == 0
    assert "\x1b" not in out
    assert "[red]a" in out
    refused(run("t.csv", "--targets", "q"), "\\x1b")


# Bad input


def content(**changes):
    return table().assign(**changes).to_csv(index=False)


CONSTANT = content(age=3.0)
BAD_TEXT = {
    "missing target": (content(price=[np.nan] + [1.0, 2.0] * 29 + [3.0]), ["row 1 without 'price'", "--drop-missing"]),
    "non-numeric target": (content(price=["12 USD", *map(str, range(59))]), ["numbers in target 'price'", "12 USD"]),
    "missing feature": (content(age=[1.0] * 30 + [np.nan] + [2.0] * 29), ["row 31 without 'age'", "--drop-missing"]),
    "non-numeric feature": (content(rooms=["many"] * 60), ["'rooms'", "'many'", "--exclude"]),
    "infinite feature": (content(rooms=[np.inf, *range(59)]), ["finite numbers in 'rooms'"]),
    "constant feature": (CONSTANT, ["the constant 'age'", "--drop-constant"]),
    "constant target": (content(price=1.5), ["the constant 'price'"]),
    "one class": (content(price="yes"), ["at least two classes", "'yes' alone"]),
    "too many classes": (content(price=[f"a{i}" for i in range(60)]), ["at most 1000 classes"]),
    "duplicate names": ("age,age,price\n1,2,3\n", ["'age' more than once"]),
    "unnamed column": ("age,,price\n1,2,3\n2,1,4\n3,5,5\n", ["a name for every column", "--exclude"]),
    "no such target": (content().replace("price", "prices", 1), ["'price'", "Did you mean 'prices'"]),
    "empty": ("", ["an empty file"]),
    "header alone": ("age,price\n", ["rows below its header line"]),
    "no header": ("1,2,3\n4,5,6\n", ["a header line with column names"]),
    "other separator": ("age;price\n1;2\n3;4\n", ["--separator"]),
    "ragged": ("age,price\n1,2\n3,4,5\n6,7\n", ["equally many fields"]),
    "every row incomplete": ("age,price\n1,\n,4\n", ["row 1 without 'price'"]),
    "one row": ("age,price\n1,2\n", ["the constant 'price' in 1 rows"]),
}


@pytest.mark.parametrize("case", BAD_TEXT)
def test_bad_text_is_refused_in_one_line(run, tmp_path, case):
    text, words = BAD_TEXT[case]
    (tmp_path / "t.csv").write_text(text)
    refused(run("t.csv", "--targets", "price"), *words)


def test_bad_bytes_are_refused_in_one_line(run, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"age,price\n\xff\xfe,1\n")
    refused(run("t.csv", "--targets", "price"), "UTF-8")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(content().encode())[:-40])
    refused(run("t.csv.gz", "--targets", "price"))
    (tmp_path / "t.csv.zip").write_bytes(b"no archive")
    refused(run("t.csv.zip", "--targets", "price"), "t.csv.zip")


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def npz(compressed=False, **arrays):
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


X = table().to_numpy()
OBJECTS = np.array([[1, "a"], [None, 2.0]], dtype=object)
BAD_BINARY = {
    "truncated.npy": (npy(X)[:-100], "0", ["as a complete npy file"]),
    "empty.npy": (b"", "0", ["as a complete npy file"]),
    "text.npy": (b"age,price\n1,2\n", "0", ["text.npy"]),
    "objects.npy": (npy(OBJECTS, allow_pickle=True), "0", ["pickled"]),
    "flat.npy": (npy(X[:, 0]), "0", ["rows and columns"]),
    "none.npy": (npy(X[:0]), "0", ["at least one row"]),
    "nan.npy": (npy(np.where(X > 1.5, np.nan, X)), "0", ["--drop-missing"]),
    "far.npy": (npy(X), "9", ["a column number from 0 to 4"]),
    "named.npy": (npy(X), "price", ["a column number"]),
    "complex.npy": (npy(X + 1j), "0", ["plain array of numbers"]),
    "truncated.npz": (npz(X=X, y=X[:, 0])[:-200], "y", ["as a complete npz file"]),
    "objects.npz": (npz(X=X, y=np.array(["a", 1], dtype=object)), "y", ["pickled"]),
    "lengths.npz": (npz(X=X, y=X[:9, 0]), "y", ["one row for each of the 60 samples"]),
    "missing.npz": (npz(X=X, labels=X[:, 0]), "label", ["Did you mean 'labels'"]),
    "which.npz": (npz(A=X, B=X, y=X[:, 0]), "y", ["--features"]),
}


@pytest.mark.parametrize("name", BAD_BINARY)
def test_bad_arrays_are_refused_in_one_line(run, tmp_path, name):
    data, target, words = BAD_BINARY[name]
    (tmp_path / name).write_bytes(data)
    refused(run(name, "--targets", target), *words)


def test_damaged_members_are_refused_in_one_line(run, tmp_path):
    data = bytearray(npz(compressed=True, X=X, y=X[:, 0]))
    middle = len(data) // 3
    data[middle : middle + 50] = bytes(50)
    (tmp_path / "t.npz").write_bytes(data)
    refused(run("t.npz", "--targets", "y"), "as a complete npz file")


@pytest.mark.parametrize("name", ["t.parquet", "t", "t.csv.npx"])
def test_other_endings_are_refused_in_one_line(run, tmp_path, name):
    (tmp_path / name).write_text(content())
    refused(run(name, "--targets", "price"), "a file ending in .csv, .tsv, .npy or .npz")


def test_a_missing_file_and_an_unwritable_folder_are_named(run, tmp_path):
    refused(run("absent.csv", "--targets", "price"), "absent.csv")
    refused(run("absent.npz", "--targets", "price"), "absent.npz")
    (tmp_path / "t.csv").write_text(content())
    (tmp_path / "file").touch()
    refused(run("t.csv", "--targets", "price", "--out", "file"), "file")
    refused(run("t.csv", "--targets", "price", "--out", "file/below"), "file")


@pytest.mark.parametrize("name", ["t.csv", "joint.npy", "plain.npz"])
def test_without_targets_the_columns_to_choose_from_are_listed(run, tmp_path, name):
    both_ways(table(), tmp_path)
    refused(run(name), "target", {"t.csv": "age, income", "joint.npy": "0, 1, 2, 3, 4", "plain.npz": "X, y"}[name])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tolerance", "much"], ["5% or 0.05"]),
        (["--tolerance", "-5%"], ["tolerance at least 0"]),
        (["--rank-budget", "-1"], ["rank_budget"]),
        (["--objective", "risk"], ["excess_risk"]),
        (["--noise", "0"], ["label_noise greater than 0"]),
        (["--penalty", "-1"], ["penalty greater than 0"]),
        (["--draws", "0"], ["draws"]),
        (["--mixing", "0"], ["--student-temperature"]),
        (["--exclude", "age,agee"], ["'agee'", "Did you mean 'age'"]),
        (["--exclude", "price"], ["'price' as a target alone"]),
        (["--features", "price"], ["'price' as a target alone"]),
        (["--exclude", "age,income,rooms,<b>x</b>"], ["at least one feature"]),
        (["--targets", "price"], ["'price' more than once"]),
        (["--classes"], ["classes in target 'price'"]),
    ],
)
def test_bad_options_are_refused_in_one_line(run, tmp_path, arguments, words):
    (tmp_path / "t.csv").write_text(content())
    refused(run("t.csv", "--targets", "price", *arguments), *words)


@pytest.mark.parametrize("written", ["{},5", "${}.00", "1,{:03d}.50", "{} %", "1'{:03d}", "{} €"])
def test_numbers_with_commas_currencies_or_percent_signs_are_no_classes(run, tmp_path, written):
    rows = [f"{number % 9 + number % 4}\t{written.format(number % 9)}" for number in range(60)]
    (tmp_path / "t.tsv").write_text("age\tprice\n" + "\n".join(rows))
    refused(run("t.tsv", "--targets", "price"), "numbers in target 'price' written like 1234.5", "--classes")
    assert run("t.tsv", "--targets", "price", "--classes")[0] == 0


@pytest.mark.parametrize("names", ["3.{0}.1", "2020-01-0{0}", "{0}, or more", "level {0}"])
def test_versions_dates_and_phrases_are_classes(run, tmp_path, names):
    rows = [f"{number % 3 + number % 4}\t{names.format(number % 3 + 1)}" for number in range(60)]
    (tmp_path / "t.tsv").write_text("age\tkind\n" + "\n".join(rows))
    assert run("t.tsv", "--targets", "kind")[0] == 0


def test_nothing_is_written_when_the_data_are_refused(run, tmp_path):
    (tmp_path / "t.csv").write_text(CONSTANT)
    run("t.csv", "--targets", "price", "--out", "out")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_tables_on_a_screen_of_80_columns_cut_no_word_and_no_number(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    table().to_csv(tmp_path / "houses.csv", index=False)
    code, out, _ = run("houses.csv", "--targets", "price", "--details")
    assert code == 0
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    screen = " ".join(out.split())
    for row in pd.read_csv(tmp_path / "houses-analysis" / "alternatives.csv", index_col=0).index:
        assert row.split()[0] in screen
    _, _, rest = out.partition("What other choices cost")
    lines = rest.partition("How faithful")[0].splitlines()
    assert any(line.startswith("soft labels alone ") for line in lines)
    assert any(line.startswith("recommended ") for line in lines)


def test_a_budget_of_no_directions_does_not_blame_the_features(run, tmp_path):
    table().to_csv(tmp_path / "houses.csv", index=False)
    code, out, _ = run("houses.csv", "--targets", "price", "--rank-budget", "0")
    assert code == 0
    assert "The rank budget costs" in out
    assert "hardly tell" not in out
