"""Where a dataset comes from: the design behind it, exactly, and the versions that computed it (docs/scale.md)."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection
from typing import Any

import numpy as np
import scipy

from lingauss.errors import DomainError
from lingauss.model.description import describe
from lingauss.model.design import Design
from lingauss.model.record import to_record
from lingauss.version import __version__


def provenance(design: Design, swept: Collection[str] = (), whole: Any = None, **settings: Any) -> dict[str, Any]:
    """Return what a dataset computed from a design says about itself, as attributes that every format can hold.

    Parameters
    ----------
    design : Design
    swept : collection of str
        Axes along which the dataset's own coordinates replace the design's values.
    whole : frozen dataclass, optional
        What the design is a part of, and is to be rebuilt: rounds of distillation. Default: the design itself.
    **settings
        Plain values that matter besides the design.

    Returns
    -------
    dict
        ``settings``, for people, and ``versions`` as JSON; ``results``: how they are meant; and for :func:`case_of` the
        ``design`` as JSON with its ``fingerprint`` and one attribute for the numbers of each of its arrays. A design
        that cannot be saved, because a learner is no dataclass, has ``no_design`` instead, which says why.
    """
    told = describe(design, swept) | settings
    attributes: dict[str, Any] = {
        "settings": json.dumps(told, ensure_ascii=False),
        "results": design.problem.mode,
        "versions": json.dumps(versions()),
    }
    try:
        record = to_record(design if whole is None else whole)
    except DomainError as error:
        return attributes | {"no_design": f"{error.got}. {error.remedy}"}
    return attributes | {"design": record.text, "fingerprint": record.fingerprint} | dict(record.arrays)


def fingerprint(design: Any) -> str:
    """Return the SHA-256 of everything a design's numbers depend on, in hexadecimal.

    Raises
    ------
    DomainError
        If some part cannot be saved; the message names it.
    """
    return to_record(design).fingerprint


def versions() -> dict[str, str]:
    """Return the versions of what computes results."""
    return {
        "lingauss": __version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
    }
