"""Designs as plain values and arrays of numbers, and back: what a file can hold, and nothing in it is ever run.

A record is a tree of JSON values beside its arrays. An object stands in the tree as ``{"Ridge": {"penalty": 1.0, …}}``,
by the name of its class and the fields its constructor takes; an array as ``{"array": [rows, columns]}``, its numbers
kept under its path, such as ``problem.truth.mean``. Any frozen dataclass of these parts can be recorded. Only the
classes listed here, and those a reader hands over, are ever built from one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import Dense, Diagonal
from lingauss.data.moments import Moments
from lingauss.errors import DomainError
from lingauss.model.bottleneck import Best, Principal, Selected, Subspace
from lingauss.model.descent import GradientFlow, NoisyGradientDescent
from lingauss.model.fresh import FreshInputs
from lingauss.model.learners import Ridge
from lingauss.model.population import Population
from lingauss.model.problem import Problem
from lingauss.model.repeated_limit import RepeatedLimit
from lingauss.model.shards import Shards
from lingauss.model.truth import Truth
from lingauss.model.views import Aligned, Features
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.validation import Array, freeze

KINDS: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        Aligned,
        Best,
        Channel,
        Dense,
        Diagonal,
        Features,
        FreshInputs,
        GradientFlow,
        Moments,
        NoisyGradientDescent,
        Population,
        Principal,
        Problem,
        RepeatedLimit,
        Ridge,
        Selected,
        Shards,
        Subspace,
        Truth,
        WeakTeacher,
    )
}


class Record(NamedTuple):
    """A design in a form that files hold.

    Attributes
    ----------
    tree
        None, booleans, whole and finite numbers, text, lists and mappings: JSON.
    arrays : dict of str to (m,) float64
        The numbers of each array in row order, by its path.
    """

    tree: Any
    arrays: Mapping[str, Array]

    @property
    def text(self) -> str:
        """The tree as JSON in ASCII; the same tree gives the same text."""
        return json.dumps(self.tree, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the text and of every bit of the arrays, the same on every platform."""
        digest = hashlib.sha256(self.text.encode())
        for path in sorted(self.arrays):
            digest.update(f"\n{path}\n".encode())
            digest.update(np.ascontiguousarray(self.arrays[path], dtype="<f8").tobytes())
        return digest.hexdigest()


def to_record(value: Any) -> Record:
    """Take a design, or any part of one, apart.

    Raises
    ------
    DomainError
        If some part is no number, array of float64, text or frozen dataclass; the message names the part.
    """
    arrays: dict[str, Array] = {}
    return Record(_taken_apart(value, (), arrays), arrays)


def record_attributes(value: Any) -> dict[str, Any]:
    """Return a design, or what it is a part of, as attributes of a file: ``design``, ``fingerprint`` and its arrays.

    What cannot be saved has ``no_design`` instead, which says why.
    """
    try:
        record = to_record(value)
    except DomainError as error:
        return {"no_design": f"{error.got}. {error.remedy}"}
    return {"design": record.text, "fingerprint": record.fingerprint} | dict(record.arrays)


def from_record(record: Record, kinds: Iterable[type] = ()) -> Any:
    """Build what a record was taken from.

    Parameters
    ----------
    record : Record
    kinds : iterable of type
        Classes that may be built besides the parts of designs listed here.

    Raises
    ------
    DomainError
        If the record names a class that is not known here, lacks an array, or does not fit its classes.
    """
    known = {name_of(kind): kind for kind in (*KINDS.values(), *kinds)}
    return _built(record.tree, (), record.arrays, known)


def array_paths(tree: Any, path: tuple[str, ...] = ()) -> list[str]:
    """Return where the arrays of a tree are kept, those without numbers included."""
    if isinstance(tree, list):
        return [found for place, part in enumerate(tree) for found in array_paths(part, (*path, str(place)))]
    if not isinstance(tree, dict):
        return []
    if tree.keys() == {"array"}:
        return [".".join(path)]
    fields = [item for part in tree.values() if isinstance(part, dict) for item in part.items()]
    return [found for name, part in fields for found in array_paths(part, (*path, name))]


def name_of(kind: type) -> str:
    """Return how records call a class: by its bare name if it is one of ours, else with its module."""
    ours = kind.__module__.partition(".")[0] == __name__.partition(".")[0]
    return kind.__name__ if ours else f"{kind.__module__}.{kind.__qualname__}"


def _taken_apart(value: Any, path: tuple[str, ...], arrays: dict[str, Array]) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else {"number": repr(float(value))}
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        if value.size:
            arrays[".".join(path)] = value.reshape(-1)
        return {"array": list(value.shape)}
    if isinstance(value, tuple | list):
        return [_taken_apart(item, (*path, str(place)), arrays) for place, item in enumerate(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        return {
            name_of(type(value)): {name: _taken_apart(getattr(value, name), (*path, name), arrays) for name in names}
        }
    raise DomainError(
        "a design made of numbers, arrays and frozen dataclasses, which can be saved",
        f"{'.'.join(path) or 'a value'} of type {type(value).__module__}.{type(value).__qualname__}",
        "Make the class a frozen dataclass of such parts.",
    )


def _built(tree: Any, path: tuple[str, ...], arrays: Mapping[str, Array], known: Mapping[str, type]) -> Any:
    if isinstance(tree, list):
        return tuple(_built(item, (*path, str(place)), arrays, known) for place, item in enumerate(tree))
    if not isinstance(tree, dict):
        return tree
    if len(tree) != 1:
        raise _unreadable(path, f"{len(tree)} entries where one says what it is")
    ((name, content),) = tree.items()
    if name == "number":
        return float(content)
    if name == "array":
        return _array(content, ".".join(path), arrays)
    if name not in known:
        raise DomainError(
            f"{'.'.join(path) or 'a design'} of a class known here",
            f"one of class {name}",
            "Pass your own classes as kinds, such as case_of(dataset, kinds=[MyLearner]); or use the version of "
            "lingauss that saved it.",
        )
    fields = {key: _built(part, (*path, key), arrays, known) for key, part in content.items()}
    kind = known[name]
    try:
        if kind is Channel:
            return Channel(fields["A"], fields["covariance"], fields["b"])
        return kind(**fields)
    except (TypeError, KeyError) as error:
        raise _unreadable(path, f"fields that do not make a {name} ({error})") from error


def _array(shape: list[int], path: str, arrays: Mapping[str, Array]) -> Array:
    if 0 in shape:
        return freeze(np.zeros(shape))
    if path not in arrays:
        raise _unreadable((path,), "none of its numbers")
    numbers = np.array(arrays[path], dtype=np.float64)  # native byte order, whatever the file's
    if numbers.size != math.prod(shape):
        raise _unreadable((path,), f"{numbers.size} numbers for an array of shape {tuple(shape)}")
    return freeze(numbers.reshape(shape))


def _unreadable(path: tuple[str, ...], got: str) -> DomainError:
    return DomainError(
        f"{'.'.join(path) or 'a design'} as it was saved", got, "Use the file, and the version of lingauss, it is from."
    )
