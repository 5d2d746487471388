"""What has been computed stays as it is: records cannot be changed."""

import dataclasses
import importlib
import pkgutil
import sys

import lingauss

STATES = {  # of algorithms that run
    "lingauss.sums.ranks._Group",
    "lingauss.sums.running.RunningSum",
    "lingauss.testing.search._Search",
}


def test_every_record_is_frozen_but_the_states_of_algorithms():
    for module in pkgutil.walk_packages(lingauss.__path__, "lingauss."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    records = {
        f"{kind.__module__}.{kind.__qualname__}": kind.__dataclass_params__.frozen
        for name, module in list(sys.modules.items())
        if name.split(".")[0] == "lingauss"
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == name and dataclasses.is_dataclass(kind)
    }
    assert len(records) > 100
    assert {name for name, frozen in records.items() if not frozen} == STATES
