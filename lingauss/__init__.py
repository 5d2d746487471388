"""What distilling a teacher into a smaller student costs, exactly, in the linear-Gaussian model.

Start with :class:`Problem`, :class:`Ridge` and :class:`Distillation`; ``divergence()`` gives a :class:`Ledger`.
Divergences are in nats. ``label_noise`` and ``noise`` are standard deviations, ``floor`` is a variance.
"""

from importlib import import_module
from typing import Any

from lingauss.names import public_names
from lingauss.version import __version__ as __version__

# Each name is imported when it is first used, so that a part of the package, such as the derivations in
# ``lingauss.symbolic``, can be imported without the rest.
_HOMES = public_names(__file__)

__all__ = [name for name, (module, attribute) in _HOMES.items() if attribute]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = import_module(module)
    if attribute:
        value = getattr(value, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOMES)
