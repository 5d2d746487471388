"""The closed forms of lingauss derived from their definitions, as objects.

A `Derivation` holds a statement, its assumptions, where it comes from and the route from the definition; it proves
itself, prints as LaTeX, Python or JavaScript, and can be explored: substitute, specialise, take limits, differentiate,
solve. No numeric module of the package is used, so agreement with one is evidence.
"""

from lingauss.symbolic.appendix import sheet
from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.derivation import Derivation, LeadingOrder
from lingauss.symbolic.paper import preamble
from lingauss.symbolic.primitives import ExcessLog, excess_log
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.registry import derivation, derivations, names, subjects
from lingauss.symbolic.specialisations import (
    DEFAULT_NOISE,
    EQUAL_PENALTIES,
    GROWING,
    ISOTROPIC,
    LARGE_SAMPLE,
    MUCH_TEMPERATURE,
    NO_PENALTY,
    NO_TEMPERATURE,
    POWER_LAW,
    Specialisation,
)
from lingauss.symbolic.verification import Verification, verify_all, verify_each

__all__ = [
    "DEFAULT_NOISE",
    "EQUAL_PENALTIES",
    "GROWING",
    "ISOTROPIC",
    "LARGE_SAMPLE",
    "MUCH_TEMPERATURE",
    "NO_PENALTY",
    "NO_TEMPERATURE",
    "POWER_LAW",
    "Assumption",
    "Derivation",
    "ExcessLog",
    "LeadingOrder",
    "Source",
    "Specialisation",
    "Step",
    "Verification",
    "derivation",
    "derivations",
    "excess_log",
    "names",
    "preamble",
    "sheet",
    "subjects",
    "verify_all",
    "verify_each",
]
