"""The closed forms of lingauss derived from their definitions, as objects.

A `Derivation` holds a statement, its assumptions, where it comes from and the route from the definition; it proves
itself, prints as LaTeX, Python or JavaScript, and can be explored: substitute, specialise, take limits, differentiate,
solve. No numeric module of the package is used, so agreement with one is evidence.
"""

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.primitives import ExcessLog, excess_log
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.registry import derivation, derivations, names, subjects
from lingauss.symbolic.specialisations import ISOTROPIC, LARGE_SAMPLE, NO_PENALTY, NO_TEMPERATURE, Specialisation
from lingauss.symbolic.verification import Verification, verify_all, verify_each

__all__ = [
    "ISOTROPIC",
    "LARGE_SAMPLE",
    "NO_PENALTY",
    "NO_TEMPERATURE",
    "Assumption",
    "Derivation",
    "ExcessLog",
    "Source",
    "Specialisation",
    "Step",
    "Verification",
    "derivation",
    "derivations",
    "excess_log",
    "names",
    "subjects",
    "verify_all",
    "verify_each",
]
