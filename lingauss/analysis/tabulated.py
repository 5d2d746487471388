"""Findings as tables: settings, what other choices cost, what every rank costs, what the student sees and is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.analysis.choices import estimate_of
from lingauss.analysis.findings import Findings
from lingauss.analysis.student import Student
from lingauss.analysis.training import student_of
from lingauss.analysis.verdict import things

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def choices(found: Findings) -> pd.DataFrame:
    """Return the choices with their errors in the target's unit; see :meth:`Analysis.choices_table`."""
    import pandas as pd

    unit = found.unit
    rows = []
    for one in found.choices:
        unseen = np.nan if one.unseen is None else float(one.unseen)
        rows.append(
            {
                "choice": "; ".join(one.names),
                "directions": one.rank,
                "error_at_inputs": unit.of(one.at_inputs),
                "r2_at_inputs": unit.explained(one.at_inputs),
                "error_on_new_rows": np.nan if one.unseen is None else unit.of(unseen),
                "standard_error": np.nan if one.unseen is None else unit.spread_of(unseen, one.unseen.standard_error),
                "r2_on_new_rows": np.nan if one.unseen is None else unit.explained(unseen),
                "accuracy_on_new_rows": np.nan if one.accuracy is None else one.accuracy,
            }
        )
    table = pd.DataFrame(rows).set_index("choice")
    return table if found.unit.classes else table.drop(columns="accuracy_on_new_rows")


def errors(found: Findings) -> xr.Dataset:
    """Return the student's error in the target's unit at every rank; see :meth:`Analysis.errors`."""
    import xarray as xr

    unit, at_inputs = found.unit, found.advice.risks.values + found.advice.noise_risk
    unseen = np.full(len(at_inputs), np.nan) if found.unseen is None else found.unseen
    estimates = [estimate_of(float(value), found.observed) for value in unseen]
    columns = {
        "error": [unit.of(value) for value in unseen],
        "standard_error": [unit.spread_of(float(one), one.standard_error) for one in estimates],
        "error_at_inputs": [unit.of(value) for value in at_inputs],
    }
    what = f" of {found.outputs[0]}" if len(found.outputs) == 1 else ""
    told = {"long_name": f"{unit.error}{what}", "units": unit.told or "1"}
    data = {name: ("student_rank", values, told) for name, values in columns.items()}
    return xr.Dataset(
        data,
        coords={"student_rank": ("student_rank", np.arange(len(at_inputs)), {"long_name": f"{things(found)}s kept"})},
    )


def settings(found: Findings) -> pd.DataFrame:
    """Return the recommended settings, for predictions and for uncertainty."""
    import pandas as pd

    designs = {"predictions": found.recommended, "uncertainty": found.faithful}
    return pd.DataFrame(
        {
            use: {
                "student_rank": case.rank,
                "temperature": case.temperature,
                "mixing": case.mixing,
                "draws": case.draws if use == "uncertainty" else np.nan,
                "floor": found.floor if use == "uncertainty" else np.nan,
                "student_penalty": case.student.penalty,  # type: ignore[union-attr]
            }
            for use, case in designs.items()
        }
    )


def alternatives(found: Findings) -> pd.DataFrame:
    """Return what other choices would cost in predictions; see :meth:`Analysis.alternatives`."""
    import pandas as pd

    table = pd.DataFrame(found.advice.alternatives()).set_index("choice")
    return table.assign(
        squared_error=table["excess_risk"] + found.advice.noise_risk,
        above_least=table["excess_risk"] / found.advice.risks.value - 1.0,
    )


def sensitivities(found: Findings) -> pd.DataFrame:
    """Return what moving temperature and floor by 10 % costs, in nats of the divergence; no row without effect."""
    import pandas as pd

    optimum, idle = found.advice.faithful, ("floor",) if np.isnan(found.floor) else ()
    table = {
        name: (optimum.settings[name], *moves) for name, moves in optimum.sensitivities().items() if name not in idle
    }
    return pd.DataFrame.from_dict(table, orient="index", columns=["value", "10 % smaller", "10 % larger"])


def projection(found: Findings) -> pd.DataFrame:
    """Return what the student sees of the features: one column of loadings per retained direction."""
    import pandas as pd

    student = student_of(found)
    names = [f"direction {i + 1}" for i in range(student.projection.shape[1])]
    return pd.DataFrame(student.projection, index=pd.Index(student.features, name="feature"), columns=names)


def coefficients(found: Findings) -> pd.DataFrame:
    """Return the recommended student as trained on these data: intercept and weights, in the units read."""
    return coefficients_of(student_of(found))


def coefficients_of(student: Student) -> pd.DataFrame:
    """Return a student's intercept and weights, in the units read."""
    import pandas as pd

    names = pd.Index(["intercept", *student.features], name="feature")
    return pd.DataFrame(np.vstack([student.intercept, student.weights.T]), index=names, columns=list(student.outputs))
