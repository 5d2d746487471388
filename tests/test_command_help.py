"""What ``--help`` says is so: every option with the kind of value it takes, a sentence that names it, and its default.

The help is read back from the screen. What it says is compared with the documentation, the signature and the refusals
of the Python call behind each command.
"""

import codecs
import importlib
import inspect
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from command_line import command_line

import lingauss as lg
from lingauss import cli
from lingauss.analysis.result import Analysis
from lingauss.atlas.run import write_atlas
from lingauss.explorer.explorer import Explorer
from lingauss.layers import Plan, allocate
from lingauss.reproduce import reproduce
from lingauss.symbolic import verify_each
from lingauss.testing import falsify

COMMANDS = typer.main.get_command(cli.app).commands
# The Python calls behind each command, and the keywords that an option calls otherwise there.
CALLS = {
    "analyze": (lg.analyze, Analysis.save),
    "predict": (lg.analyze,),
    "explore": (lg.analyze, Explorer.save),
    "reproduce": (reproduce,),
    "verify": (verify_each,),
    "falsify": (falsify,),
    "layers": (allocate, Plan.save),
    "atlas": (write_atlas,),
}
OTHERWISE = {"noise": "label_noise", "format": "formats", "set": "changes", "out": "directory path out"}
# What options do that Python has no keyword for, in words the help must use.
BY_COMMAND_ALONE = {
    ("analyze", "--details"): {"print", "report", "charts"},
    ("analyze", "--out"): {"write", "default"},
    ("predict", "--out"): {"write", "predictions", "screen"},
    ("explore", "--observed"): {"labels", "averaged", "posterior"},
    ("explore", "--no-open"): {"browser", "not"},
    ("explore", "--out"): {"write"},
    ("layers", "--out"): {"write", "compressed", "layers"},
    ("atlas", "--all"): {"every", "entry", "page"},
}
METAVARS = {  # what stands for the value, by what the value is
    "NAMES": {"--targets", "--features", "--exclude"},
    "NAME": {"--objective", "--bottleneck", "--encoding", "--only", "--over", "--unit"},
    "SHARE": {("analyze", "--tolerance"), "--keep"},
    "R": {"--rank-budget"},
    "N": {"--cases"},
    "S": {"--seed"},
    "CODE": {"--missing"},
    "TEXT": {"--separator"},
    "MARK": {"--decimal"},
    "LIST": {"--format"},
    "PARAMETER=VALUE": {"--set"},
    "DIR": {("analyze", "--out"), ("reproduce", "--out"), ("atlas", "--out")},
    "FILE.csv": {("predict", "--out")},
    "PAGE": {("explore", "--out")},
    "PLAN.npz": {("layers", "--out")},
}
NUMBERS = {"--penalty", "--noise", "--student-penalty", "--student-temperature", "--mixing", "--draws", "--seconds",
           ("falsify", "--tolerance")}  # fmt: skip
ARGUMENTS = {
    "analyze": [("FILE", True)],
    "predict": [("STUDENT.npz", True), ("FILE", True)],
    "explore": [("FILE", False)],
    "reproduce": [],
    "verify": [("NAME", False)],
    "falsify": [("FILE.py:FUNCTION", True)],
    "layers": [("FACTORS.npz", True)],
    "atlas": [("NAME", False)],
}
# Words that say nothing of what an option is about.
FILLERS = frozenset(
    re.findall(
        r"\w+",
        """the and are all that default such with what where when which while for from into its own not nor may one how
        far each some most instead them they this until then was much did same
        separated commas repeated spelled""",  # which is how values are written on a command line
    )
)
ONLY_HERE = {("falsify", "--over"): {"file"}}  # where Python takes the thing itself


@dataclass(frozen=True)
class Row:
    """A line of help: the names of an option or the place of an argument, its value, sentence and default."""

    names: tuple[str, ...]
    value: str
    sentence: str
    default: str
    required: bool


def rows(text, panel):
    """Read the lines of a panel back; the screen is so wide that each is one."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("╭"):
            inside = f" {panel} " in line
        elif inside and line.startswith("│"):
            lines.append(re.split(r"\s{2,}", line.strip("│ ")))
    for words in lines:
        required = words[0] == "*"
        words = words[required:]
        names = tuple(word for word in words if word.startswith("--"))
        said = words[len(names) :]
        sentence, _, rest = said[-1].partition("[") if len(said) > 1 or names else ("", "", "")
        default = rest.removesuffix("]").removeprefix("default: ") if rest.startswith("default") else ""
        yield Row(names or (words[0],), said[0] if len(said) > 1 else "", sentence.strip(), default, required)


@pytest.fixture
def shown(monkeypatch, capsys, tmp_path):
    """Return the panel of a command's help, or of the program's."""
    run = command_line(monkeypatch, capsys, tmp_path)
    monkeypatch.setenv("COLUMNS", "300")

    def panel(name, *command):
        code, text, error = run(*command, "--help")
        assert (code, error) == (0, "")
        return list(rows(text, name))

    return panel


def is_switch(row):
    return row.value in ("", "<bool>")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_shown_with_the_kind_of_value_it_takes(command, shown):
    expected = {
        option: metavar
        for metavar, options in METAVARS.items()
        for option in options
        if isinstance(option, str) or option[0] == command
    }
    known = {option if isinstance(option, str) else option[1]: metavar for option, metavar in expected.items()}
    for row in shown("Options", command):
        (name, *_) = row.names
        if name in NUMBERS or (command, name) in NUMBERS:
            assert re.fullmatch(r"<?(float|int(eger)?)( range)?>?", row.value.lower()), row
        elif name in known:
            assert row.value == known[name], row
        else:
            assert is_switch(row), row


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_is_shown_with_its_name_and_whether_it_is_needed(command, shown):
    found = shown("Arguments", command)
    assert [row.required for row in found] == [needed for _, needed in ARGUMENTS[command]]
    for row, (name, _) in zip(found, ARGUMENTS[command], strict=True):
        assert name in {shape.removesuffix("...").strip("[]") for shape in (*row.names, row.value)}
        assert is_sentence(row.sentence)


def is_sentence(text):
    return len(text.split()) >= 2 and text[0].isupper() and text.endswith((".", "npz.", "?"))


def documented(function):
    """Return what a docstring says of each keyword."""
    found, names = {}, ()
    text = inspect.getdoc(inspect.unwrap(function)).partition("Parameters\n----------\n")[2]
    for line in re.split(r"\n\n(?=\w+\n-)", text)[0].splitlines():
        if line.startswith(" "):
            for name in names:
                found[name] += f" {line.strip()}"
        else:
            names = [name.strip() for name in line.partition(":")[0].split(",")]
            found |= dict.fromkeys(names, line)
    return found


def about(text):
    """Return the beginnings of the words of a text that say what it is about."""
    words = re.findall(r"[a-z]+", text.lower().replace("multiplications", "flops"))
    return {word[:5].rstrip("s") for word in words if len(word) > 2 and word not in FILLERS}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_is_explained_as_the_python_call_explains_its_keyword(command, shown):
    keywords = {}
    for call in CALLS[command][::-1]:
        keywords |= documented(call)
    unheard = {}
    for row in shown("Options", command):
        (name, *_) = row.names
        assert is_sentence(row.sentence), row
        if name == "--help":
            continue
        if (command, name) in BY_COMMAND_ALONE:
            said = set(re.findall(r"[a-z]+", row.sentence.lower()))
            assert said >= BY_COMMAND_ALONE[command, name], row
            continue
        plain = name.removeprefix("--").replace("-", "_")
        meant = next(key for key in (*OTHERWISE.get(plain, "").split(), plain) if key in keywords)
        unheard[name] = (
            about(row.sentence) - about(f"{meant} {keywords[meant]}") - ONLY_HERE.get((command, name), set())
        )
    assert not {name: words for name, words in unheard.items() if words}
    assert unheard or command == "verify"


def test_every_command_is_listed_with_what_it_does(shown):
    listed = {row.names[0]: row.value or row.sentence for row in shown("Commands")}
    assert list(listed) == [command.__name__ for command in cli.COMMANDS]
    (version, *_) = shown("Options")
    assert version.names == ("--version",)
    assert version.sentence == "Show the version and exit."


def test_every_default_is_that_of_the_python_call(shown):
    told, by_command_alone = 0, []
    for command, calls in CALLS.items():
        signatures = [inspect.signature(inspect.unwrap(call)).parameters for call in calls]
        parameters = {name: parameter for signature in signatures[::-1] for name, parameter in signature.items()}
        for row in shown("Options", command):
            if not row.default:
                continue
            plain = row.names[0].removeprefix("--").replace("-", "_")
            keyword = next(name for name in (*OTHERWISE.get(plain, "").split(), plain) if name in parameters)
            if parameters[keyword].default is inspect.Parameter.empty:
                by_command_alone.append((command, keyword, row.default))
                continue
            assert as_said(row.default, parameters[keyword].default), (command, row)
            told += 1
    assert by_command_alone == [("explore", "path", "explorer.html")]
    assert told > 15


def as_said(text, default):
    """Return whether a default on the screen is a value."""
    if isinstance(default, bool):
        return text in (("standardise", "header") if default else ())
    if isinstance(default, int | float):
        return float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0) == default
    if isinstance(default, tuple):
        return tuple(text.split(",")) == default
    return text == str(default)


@pytest.mark.parametrize(
    ("command", "option", "words"),
    [
        ("analyze", "--objective", ("data.csv", "--targets", "y")),
        ("analyze", "--bottleneck", ("data.csv", "--targets", "y")),
        ("layers", "--unit", ("factors.npz", "--keep", "0.5")),
        ("reproduce", "--format", ()),
        ("atlas", "--format", ("ali2019",)),
    ],
)
def test_the_values_that_help_lists_are_those_there_are(command, option, words, shown, monkeypatch, capsys, tmp_path):
    (row,) = (row for row in shown("Options", command) if row.names[0] == option)
    among = re.search(r"(?:among |: )((?:\w+, )+\w+(?: or \w+)?|\w+ or \w+)", row.sentence)[1]
    listed = re.split(r", | or ", among)
    Path("data.csv").write_text("a,y\n1,2\n2,3\n3,5\n4,4\n5,7\n")
    monkeypatch.setattr("lingauss.layers.load_factors", lambda path: {})
    code, _, error = command_line(monkeypatch, capsys, tmp_path)(command, *words, option, "zzz")
    assert code == 2
    assert re.search(r"among ([^;]*);", error)[1].split(", ") == [name for name in listed if name != "separated"]


def test_names_in_help_texts_exist(shown):
    text = " ".join(row.sentence for name in COMMANDS for kind in ("Options", "Arguments") for row in shown(kind, name))
    commands = set(re.findall(r"lingauss (\w+)", text)) - {"did"}
    assert commands
    assert commands <= set(COMMANDS)
    dotted = set(re.findall(r"\blingauss(?:\.\w+)+", text))
    assert dotted
    for name in dotted:
        module, _, attribute = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), attribute))
    assert codecs.lookup("latin-1").name == codecs.lookup("iso8859-1").name
    assert "latin-1" in text
