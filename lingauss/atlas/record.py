"""What an entry of the atlas is: a paper, parameters, a computation, a figure, and numbers to hold them against."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lingauss.atlas.drawing import finish, mark
from lingauss.atlas.script import script_of
from lingauss.atlas.targets import Comparison, Target
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.html_table import html_table
from lingauss.validation import as_count, as_scalar
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


class Evidence(StrEnum):
    """How sure it is that an entry's setting is the paper's."""

    CODE = "code read"
    CAPTION = "caption read"
    FORMULA = "its formula"
    OURS = "our parameters"

    @property
    def sentence(self) -> str:
        """What that means."""
        return {
            Evidence.CODE: "The setting was read in the authors' code or data.",
            Evidence.CAPTION: "The setting was read in the figure's caption; what that leaves open is our reading.",
            Evidence.FORMULA: "The source's result as it is commonly stated; the paper itself was not opened here.",
            Evidence.OURS: "The claim is that of the source's abstract, the numbers are ours.",
        }[self]


@dataclass(frozen=True)
class Paper:
    """A source.

    Attributes
    ----------
    authors, year, title : str
    bibtex : str
        The entry of a bibliography.
    """

    authors: str
    year: int
    title: str
    bibtex: str

    def __str__(self) -> str:
        return f"{self.authors} {self.year}"


@dataclass(frozen=True)
class Parameter:
    """What may be changed in an entry.

    Attributes
    ----------
    name : str
    default : int or float
        The entry's own value; an int says that only whole numbers are legal.
    meaning : str
    low, high : float
        Smallest and largest legal value.
    """

    name: str
    default: float
    meaning: str
    low: float
    high: float

    @property
    def range(self) -> str:
        """The legal values, in words."""
        return f"{'a whole number' if self._is_whole else 'a number'} from {self.low:g} to {self.high:g}"

    @property
    def _is_whole(self) -> bool:
        return isinstance(self.default, int)

    def checked(self, value: Any) -> float:
        """Return a value if it is legal.

        Raises
        ------
        DomainError
            If it is outside the range; the message has the meaning.
        NotNumericError, NotFiniteError, ShapeError
        """
        number = as_scalar(value, self.name)
        if not self.low <= number <= self.high or (self._is_whole and not number.is_integer()):
            raise DomainError(f"{self.name}, {self.meaning}: {self.range}", f"{number:g}", f"Pass {self.range}.")
        return as_count(number, self.name, minimum=int(self.low)) if self._is_whole else number


@guarded
@dataclass(frozen=True, eq=False, repr=False)
class Entry:
    """A published result, computed anew.

    Attributes
    ----------
    paper : Paper
    claim : str
        In one line.
    setting : str
        What is computed, in words, with every number that is not a parameter.
    evidence : Evidence
        How sure it is that this is the paper's own setting.
    parameters : tuple of Parameter
    targets : tuple of Target
        At the entry's own parameters.
    calculation : callable
        From all parameters to a Dataset, by public calls alone.
    drawing : callable
        From results and axes to the curves it drew.
    labels : mapping of str to str
        What variables and dimensions are called in figures and tables.
    notes : tuple of str
        What is surprising, with the computation behind it.
    turns : mapping of str to tuple of float
        Parameters worth turning, and the values to show.
    """

    paper: Paper
    claim: str
    setting: str
    evidence: Evidence
    parameters: tuple[Parameter, ...]
    targets: tuple[Target, ...]
    calculation: Callable[..., xr.Dataset]
    drawing: Callable[[xr.Dataset, Axes], Sequence[xr.DataArray]]
    labels: Mapping[str, str]
    notes: tuple[str, ...] = ()
    turns: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """First author and year, by which :func:`lingauss.atlas.entry` finds it."""
        return self.calculation.__module__.rpartition(".")[2]

    @property
    def cite(self) -> str:
        """The source as BibTeX."""
        return self.paper.bibtex

    def settings(self, **changes: float) -> dict[str, float]:
        """Return the value of every parameter.

        Raises
        ------
        UnknownNameError
            For a parameter that the entry does not have.
        DomainError
            For a value outside its range, which the message names with its meaning.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in changes:
            if name not in known:
                raise unknown_name(f"a parameter of {self.name}", name, known)
        return {
            name: parameter.checked(changes[name]) if name in changes else parameter.default
            for name, parameter in known.items()
        }

    def is_own(self, **changes: float) -> bool:
        """Whether these are the entry's own parameters, where its targets hold."""
        return self.settings(**changes) == self.settings()

    def compute(self, **changes: float) -> xr.Dataset:
        """Return the numbers of the figure.

        Parameters
        ----------
        **changes
            Parameters that differ from the entry's own.

        Raises
        ------
        UnknownNameError, DomainError
        """
        settings = self.settings(**changes)
        results = self.calculation(**settings)
        for name in (*results.variables,):
            results[name].attrs.setdefault("long_name", self.labels.get(str(name), str(name)))
        return results.assign_attrs({**settings, "atlas_entry": self.name, "atlas_source": str(self.paper)})

    def compare(self, results: xr.Dataset) -> tuple[Comparison, ...]:
        """Return every target beside the computed number, NaN where the results do not go there."""
        return tuple(Comparison(target, target.found_in(results)) for target in self.targets)

    def plot(self, ax: Axes, results: xr.Dataset | None = None) -> None:
        """Draw the figure, and on it the targets that lie on its curves.

        Parameters
        ----------
        ax : Axes
        results : Dataset, optional
            As :meth:`compute` returns them; default: at the entry's own parameters. Targets are drawn only there.
        """
        found = self.compute() if results is None else results
        curves = self.drawing(found, ax)
        own = all(found.attrs.get(name) == value for name, value in self.settings().items())
        mark(ax, curves, self.targets if own else ())
        finish(ax)

    def to_python(self, **changes: float) -> str:
        """Return a script of public calls that computes the same numbers.

        Raises
        ------
        UnknownNameError, DomainError
        """
        module = inspect.getsource(sys.modules[self.calculation.__module__])
        return script_of(module, self.calculation.__name__, self.settings(**changes))

    def __repr__(self) -> str:
        return f"Entry({self.name}: {self.paper}, {self.claim})"

    def _repr_html_(self) -> str:
        rows = [(each.name, f"{each.default:g}", each.range, each.meaning) for each in self.parameters]
        header = ("parameter", "own value", "legal", "meaning")
        return html_table(f"{self.paper}: {self.claim}", [header, *rows], self.setting)
