"""A matrix of files as people have them, each with its right outcome: the same numbers, or one line with the remedy."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import LingaussError

ROWS = 40


def frame() -> pd.DataFrame:
    """Return numbers that every text format keeps: halves."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(np.round(2 * rng.normal(size=(ROWS, 3)) * [4, 20, 1]) / 2, columns=["age", "rooms", "lot"])
    table["price"] = np.round(2 * (3 * table.age - table.rooms + 0.5 * table.lot + rng.normal(size=ROWS))) / 2
    return table


def expected(table: pd.DataFrame | None = None) -> np.ndarray:
    """Return intercept and weights from the table in memory."""
    return lg.analyze(frame() if table is None else table, "price").coefficients()["price"].to_numpy()


class Quirk(NamedTuple):
    """A file, how it is read, and what comes of it: numbers, or words of an error."""

    name: str
    write: Callable[[Path], Any]
    options: dict[str, Any] = {}  # noqa: RUF012 (of a named tuple)
    words: tuple[str, ...] = ()
    kept: Callable[[], pd.DataFrame] = frame  # what has been read
    targets: Any = "price"


def text(content: str | bytes, encoding: str = "utf-8") -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))


def csv(table: pd.DataFrame | None = None, **options: Any) -> str:
    return str((frame() if table is None else table).to_csv(**({"index": False} | options)))


def spoiled(column: str, value: object, rows: int = 3) -> pd.DataFrame:
    """Return the table with some entries of a column replaced."""
    table = frame().astype(object)
    table.loc[: rows - 1, column] = value
    return table


def without_first(rows: int = 3) -> pd.DataFrame:
    return frame().iloc[rows:]


def zipped(content: str, member: str = "t.csv") -> Callable[[Path], Any]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, content)

    return write


def npy(dtype: str = "f8", order: Any = "C") -> Callable[[Path], Any]:
    return lambda path: np.save(path, np.asarray(frame().to_numpy(), dtype=dtype, order=order))


def npz(**members: Any) -> Callable[[Path], Any]:
    return lambda path: np.savez(path, **members)


def features() -> np.ndarray:
    return frame()[["age", "rooms", "lot"]].to_numpy()


def price() -> np.ndarray:
    return frame()["price"].to_numpy()


DATES = np.array(["2020-01-01"] * ROWS, dtype="datetime64[D]")
RECORDS = np.zeros(ROWS, dtype=[("a", "f8"), ("b", "i4")])
NAMES = np.array([f"file{j}" for j in range(ROWS)], dtype=object)
FORGIVEN = {"drop_missing": True}
GERMAN = frame().rename(columns={"age": "Größe"})
PLAIN = frame().rename(columns={"age": "0", "rooms": "1", "lot": "2", "price": "3"})
R_TABLE = "\n".join(
    [
        " ".join(f'"{name}"' for name in frame()),
        *(f'"{j + 1}" ' + " ".join(map(str, row)) for j, row in enumerate(frame().to_numpy())),
    ]
)

TEXTS = [
    Quirk("commas", text(csv())),
    Quirk("line ends of Windows", text(csv(lineterminator="\r\n"))),
    Quirk("line ends of old Macs", text(csv(lineterminator="\r"))),
    Quirk("no last line end", text(csv().rstrip("\n"))),
    Quirk("blank lines at the end", text(csv() + "\n\n")),
    Quirk("a blank first line", text("\n" + csv())),
    Quirk("blanks after commas", text(csv().replace(",", ", ").replace("price", "price", 1)), words=("' price'",)),
    Quirk("quoted numbers", text(csv(quoting=1))),
    Quirk("a comma in a quoted name", text(csv(frame().rename(columns={"age": "age, years"})))),
    Quirk("semicolons", text(csv(sep=";")), {"separator": ";"}),
    Quirk("semicolons untold", text(csv(sep=";")), words=("separated by ','", "--separator")),
    Quirk("a tab told as a shell passes it", text(csv(sep="\t")), {"separator": r"\t"}),
    Quirk("a tab by name", text(csv(sep="\t")), {"separator": "tab"}),
    Quirk("bars", text(csv(sep="|")), {"separator": "|"}),
    Quirk("bars untold", text(csv(sep="|")), words=("separated by ','", "--separator")),
    Quirk("blanks", text(csv(sep=" ")), {"separator": "space"}),
    Quirk("runs of blanks", text(csv(sep=" ").replace(" ", "   ")), {"separator": "space"}),
    Quirk("a line that names the separator", text("sep=;\n" + csv(sep=";"))),
    Quirk("decimal commas", text(csv(sep=";", decimal=",")), {"separator": ";", "decimal": ","}),
    Quirk("decimal commas untold", text(csv(sep=";", decimal=",")), {"separator": ";"}, ("like 1234.5", "--decimal")),
    Quirk("another decimal mark", text(csv()), {"decimal": "'"}, ("the decimal mark . or ,",)),
    Quirk("UTF-8", text(csv(GERMAN))),
    Quirk("UTF-8 with a mark", text(csv(GERMAN), "utf-8-sig")),
    Quirk("UTF-16", text(csv(GERMAN), "utf-16")),
    Quirk("Latin 1", text(csv(GERMAN), "latin-1"), {"encoding": "latin-1"}),
    Quirk("Latin 1 untold", text(csv(GERMAN), "latin-1"), words=("in the encoding UTF-8", "--encoding")),
    Quirk("no such encoding", text(csv()), {"encoding": "latin-99"}, ("the name of an encoding", "utf-8")),
    Quirk("no header", text(csv(header=False)), {"header": False}, kept=lambda: PLAIN, targets="3"),
    Quirk("no header untold", text(csv(header=False)), words=("a header line", "--no-header")),
    Quirk("numbers as names", text(csv(PLAIN)), kept=lambda: PLAIN, targets="3"),
    Quirk("row names of pandas", text(csv(index=True))),
    Quirk("row names of R, whose header is short", text(R_TABLE), {"separator": "space"}),
    Quirk("a column without a name", text(csv().replace("rooms", "", 1)), words=("a name for every", "--exclude")),
    Quirk("a name twice", text(csv().replace("rooms", "age", 1)), words=("'age' more than once",)),
    Quirk("empty entries", text(csv(spoiled("age", ""))), words=("without missing entries", "--drop-missing")),
    Quirk("empty entries forgiven", text(csv(spoiled("age", ""))), FORGIVEN, kept=without_first),
    Quirk("NA", text(csv(spoiled("age", "NA"))), FORGIVEN, kept=without_first),
    Quirk("null", text(csv(spoiled("age", "null"))), FORGIVEN, kept=without_first),
    Quirk("question marks", text(csv(spoiled("age", "?"))), FORGIVEN | {"missing": ["?"]}, kept=without_first),
    Quirk("question marks untold", text(csv(spoiled("age", "?"))), words=("features of numbers", "--missing")),
    Quirk("-999", text(csv(spoiled("age", -999))), FORGIVEN | {"missing": ["-999"]}, kept=without_first),
    Quirk("-999 as -999.0", text(csv(spoiled("age", "-999.0"))), FORGIVEN | {"missing": [-999]}, kept=without_first),
    Quirk("-999 in the target", text(csv(spoiled("price", -999))), FORGIVEN | {"missing": [-999]}, kept=without_first),
    Quirk("two codes", text(csv(spoiled("age", -200).assign(lot=spoiled("lot", "?").lot))),
          FORGIVEN | {"missing": [-200, "?"]}, kept=without_first),
    Quirk("infinite entries", text(csv(spoiled("age", "inf"))), words=("finite numbers in 'age'",)),
    Quirk("text among numbers", text(csv(spoiled("age", "old"))), words=("'old' in 'age', row 1", "--exclude")),
    Quirk("text far down", text(csv(frame().astype({"lot": object}).replace({"lot": {frame().lot[30]: "old"}}))),
          words=(f"row {int(np.argmax(frame().lot == frame().lot[30])) + 1}",)),
    Quirk("thousands in the target", text(csv(frame().assign(price=[f"{v:,}" for v in 1e3 * frame().price.abs()]))),
          words=("written like 1234.5",)),
    Quirk("a row too long", text(csv() + "1,2,3,4,5\n"), words=("equally many fields",)),
    Quirk("a row too short", text(csv() + "1,2\n"), words=("without missing entries",)),
    Quirk("an empty file", text(""), words=("an empty file",)),
    Quirk("a header alone", text("age,rooms,price\n"), words=("rows below its header line",)),
    Quirk("null characters", text(b"\0" * 50), words=("x.csv",)),
    Quirk("no such column", text(csv()), words=("'cost'",), targets="cost"),
    Quirk("true and false", text(csv(frame().assign(lot=frame().lot > 0))),
          kept=lambda: frame().assign(lot=frame().lot > 0)),
    Quirk("exponents", text(csv(float_format="%.6e"))),
]  # fmt: skip
PACKED = [
    Quirk("x.csv.gz", lambda path: path.write_bytes(gzip.compress(csv().encode()))),
    Quirk("x.csv.bz2", lambda path: path.write_bytes(bz2.compress(csv().encode()))),
    Quirk("x.csv.xz", lambda path: path.write_bytes(lzma.compress(csv().encode()))),
    Quirk("x.csv.zip", zipped(csv())),
    Quirk("x.tsv", text(csv(sep="\t"))),
    Quirk("x.CSV", text(csv())),
    Quirk("x.tsv.gz", lambda path: path.write_bytes(gzip.compress(csv(sep="\t").encode()))),
    Quirk("x.txt", text(csv()), {"separator": ","}),
    Quirk("y.txt", text(csv()), words=("ending in .csv", "--separator")),
    Quirk("x.xlsx", text(b"PK"), words=("ending in .csv",)),
    Quirk("cut.csv.gz", lambda path: path.write_bytes(gzip.compress(csv().encode())[:-20]), words=("cut.csv.gz",)),
    Quirk("plain.csv.gz", text(csv()), words=("plain.csv.gz",)),
    Quirk("empty.csv.zip", lambda path: zipfile.ZipFile(path, "w").close(), words=("empty.csv.zip",)),
]
NUMBERS = [
    *(Quirk(f"npy of {kind}", npy(kind), targets="3") for kind in ("f8", ">f8", "f4", ">f4", "f2")),
    Quirk("npy by columns", npy(order="F"), targets="3"),
    Quirk("npy counted from the end", npy(), targets="-1"),
    Quirk("npy of integers", lambda path: np.save(path, (2 * frame().to_numpy()).astype("<i2")), targets="3",
          kept=lambda: 2 * frame()),
    Quirk("npy of objects", lambda path: np.save(path, frame().astype(object).to_numpy(), allow_pickle=True),
          words=("pickled objects",), targets="3"),
    Quirk("npy of dates", lambda path: np.save(path, DATES), words=("plain array",), targets="0"),
    Quirk("npy of complex numbers", npy("c16"), words=("plain array",), targets="3"),
    Quirk("npy cut short", lambda path: (npy()(path), path.write_bytes(path.read_bytes()[:-9])),
          words=("complete npy",), targets="3"),
    Quirk("npy without such a column", npy(), words=("column number from 0 to 3",), targets="9"),
    Quirk("npy of one axis", lambda path: np.save(path, price()), words=("rows and columns",), targets="0"),
]  # fmt: skip
MEMBERS = [
    Quirk("npz", npz(X=features(), price=price())),
    Quirk("npz compressed", lambda path: np.savez_compressed(path, X=features(), price=price())),
    Quirk("npz of float32", npz(X=features().astype("f4"), price=price().astype(">f4"))),
    Quirk("npz by columns", npz(X=np.asfortranarray(features()), price=price())),
    Quirk("npz compressed by columns",
          lambda path: np.savez_compressed(path, X=np.asfortranarray(features()), price=price())),
    Quirk("npz with names of files", npz(X=features(), price=price(), filenames=NAMES)),
    Quirk("npz with dates", npz(X=features(), price=price(), taken=DATES)),
    Quirk("npz with records", npz(X=features(), price=price(), meta=RECORDS)),
    Quirk("npz with a number", npz(embeddings=features(), price=price(), version=3)),
    Quirk("npz whose features are named", npz(E=features(), F=features()[:, :1], price=price()), {"features": ["E"]}),
    Quirk("npz whose features are not", npz(E=features(), F=features()[:, :1], price=price()), words=("--features",)),
    Quirk("npz of objects asked for", npz(X=NAMES[:, None], price=price()), words=("unpickled",)),
    Quirk("npz of dates asked for", npz(X=features(), price=DATES), words=("plain array",)),
    Quirk("npz without such a member", npz(X=features(), prices=price()), words=("'price'", "'prices'")),
    Quirk("npz of unlike lengths", npz(X=features()[1:], price=price()), words=("39", "40")),
    Quirk("npz that is none", text(b"PK\3\4 no archive"), words=("complete npz",)),
    Quirk("npz with a file that is no array", zipped("hello", "readme.txt"), words=("x.npz",)),
]  # fmt: skip


def check(path: Path, quirk: Quirk) -> None:
    """Read a file and compare with the table in memory, or with the words of the refusal."""
    quirk.write(path)
    if quirk.words:
        with pytest.raises(LingaussError) as refused:
            lg.analyze(path, quirk.targets, **quirk.options)
        assert "\n" not in str(refused.value)
        assert all(word in str(refused.value) for word in quirk.words), str(refused.value)
        return
    found = lg.analyze(path, quirk.targets, **quirk.options).coefficients().iloc[:, 0].to_numpy()
    table = quirk.kept()
    wanted = lg.analyze(table, table.columns[-1]).coefficients().iloc[:, 0].to_numpy()
    assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("quirk", TEXTS, ids=lambda quirk: quirk.name)
def test_a_text_file_has_its_right_outcome(tmp_path, quirk):
    check(tmp_path / "x.csv", quirk)


@pytest.mark.parametrize("quirk", PACKED, ids=lambda quirk: quirk.name)
def test_a_file_of_this_name_has_its_right_outcome(tmp_path, quirk):
    check(tmp_path / quirk.name, quirk)


@pytest.mark.parametrize("quirk", NUMBERS, ids=lambda quirk: quirk.name)
def test_an_npy_has_its_right_outcome(tmp_path, quirk):
    check(tmp_path / "x.npy", quirk)


@pytest.mark.parametrize("quirk", MEMBERS, ids=lambda quirk: quirk.name)
def test_an_npz_has_its_right_outcome(tmp_path, quirk):
    check(tmp_path / "x.npz", quirk)


# Frames in memory


@pytest.mark.parametrize("rename", [int, str, lambda j: (j, "a"), float], ids=["int", "str", "tuple", "float"])
def test_columns_of_a_frame_may_have_any_labels(rename):
    table = frame().set_axis([rename(j) for j in range(4)], axis=1)
    found = lg.analyze(table, str(table.columns[3])).coefficients().iloc[:, 0]
    assert_allclose(found, expected(), rtol=1e-9)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float32", "boolean"])
def test_extension_types_of_pandas_are_numbers(dtype):
    table = frame()
    table["lot"] = (table.lot > 0).astype(dtype) if dtype == "boolean" else table.lot.round().astype(dtype)
    plain = table.assign(lot=table.lot.astype(float))
    assert_allclose(lg.analyze(table, "price").coefficients(), lg.analyze(plain, "price").coefficients(), rtol=1e-6)


# What a pass notices


def noticed(table: pd.DataFrame, **options: Any) -> str:
    return " ".join(lg.analyze(table, "price", **options).notices)


@pytest.mark.parametrize("code", [-9, -99, -999, -9999, -200, -1000])
def test_a_repeated_round_least_value_far_from_the_rest_is_told(code):
    table = frame().assign(age=np.linspace(1, 2, ROWS))
    table.loc[[3, 17], "age"] = code
    told = noticed(table)
    assert f"{code} in 'age' (2 rows)" in told
    assert "--missing" in told


@pytest.mark.parametrize("values", [[-998, -997], [-1, -1], [-999]])
def test_other_small_values_are_not(values):
    table = frame().assign(age=np.linspace(-2, 2, ROWS))
    table.loc[range(len(values)), "age"] = values
    assert "codes" not in noticed(table)


def test_missing_codes_that_are_named_are_told_no_more():
    table = frame()
    table.loc[[3, 17], "age"] = -999
    assert "codes" not in noticed(table, missing=[-999], drop_missing=True)


def test_columns_that_number_the_rows_are_told():
    told = noticed(frame().assign(id=np.random.default_rng(0).permutation(ROWS), row=np.arange(7, 7 + ROWS)))
    assert "'id', 'row' seem to number the rows and are used as features" in told
    assert "--exclude" in told
    assert not noticed(frame())


def test_what_is_noticed_does_not_depend_on_how_the_rows_are_cut(monkeypatch):
    table = frame().assign(row=np.arange(ROWS), age=np.linspace(1, 2, ROWS))
    table.loc[[3, 37], "age"] = -999
    whole = noticed(table)
    monkeypatch.setattr("lingauss.tables.table.BATCH_CELLS", 35)
    assert noticed(table) == whole


def test_there_are_sixty_quirks():
    assert len({quirk.name for quirk in (*TEXTS, *PACKED, *NUMBERS, *MEMBERS)}) >= 60
