"""What an analysis returns: the recommended student, what it costs, and why to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lingauss.analysis.advice import Advice, Wishes
from lingauss.analysis.preparation import Prepared
from lingauss.distillation import Distillation
from lingauss.model.problem import Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Analysis:
    """Advice on a data set; made by :func:`lingauss.analyze`.

    Attributes
    ----------
    origin : str
        Where the data came from.
    prepared : Prepared or None
        The moments, in the units of the analysis; None where a fitted model was given.
    observed : Problem
        With the labels as observed.
    problem : Problem
        With the posterior in the place of the truth; all costs are averages over it, plug-in estimates.
    wishes : Wishes
        Tolerance, budget and what the student shall be like.
    advice : Advice
    notes : tuple of str
        What was done to the data, measured and assumed, one sentence each.
    """

    origin: str
    prepared: Prepared | None
    observed: Problem
    problem: Problem
    wishes: Wishes
    advice: Advice
    notes: tuple[str, ...]

    @property
    def recommended(self) -> Distillation:
        """The design recommended for predictions: labels are the teacher's mean predictions."""
        return self.advice.predicting.design

    @property
    def faithful(self) -> Distillation:
        """The design of the same rank that is closest to the teacher's posterior, for uncertainty."""
        return self.advice.faithful.design

    @property
    def rank(self) -> int:
        """The recommended rank."""
        return self.advice.rank

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features."""
        if self.prepared is not None:
            return self.prepared.features
        return tuple(f"x{j}" for j in range(self.problem.n_features))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        if self.prepared is not None:
            return self.prepared.outputs
        return ("y",) if self.problem.outputs == 1 else tuple(f"y{j}" for j in range(self.problem.outputs))

    def settings(self) -> pd.DataFrame:
        """Return the recommended settings, for predictions and for uncertainty, as a table."""
        import pandas as pd

        designs = {"predictions": self.recommended, "uncertainty": self.faithful}
        return pd.DataFrame(
            {
                use: {
                    "student_rank": case.rank,
                    "temperature": case.temperature,
                    "mixing": case.mixing,
                    "draws": case.draws if use == "uncertainty" else np.nan,
                    "floor": self.floor if use == "uncertainty" else np.nan,
                    "student_penalty": case.student.penalty,  # type: ignore[union-attr]
                }
                for use, case in designs.items()
            }
        )

    @property
    def floor(self) -> float:
        """Recommended variance of the weights the student does not learn; NaN where it sees everything."""
        case = self.faithful
        return np.nan if case.rank == case.problem.n_features or case.floor is None else case.floor

    def alternatives(self) -> pd.DataFrame:
        """Return what other choices would cost in predictions.

        Returns
        -------
        pandas.DataFrame
            One row per choice: rank, mixing, temperature, excess_risk in squared label units, squared_error (with the
            label noise), and above_least, the fraction by which the excess risk exceeds the least one of any rank.
        """
        import pandas as pd

        table = pd.DataFrame(self.advice.alternatives()).set_index("choice")
        return table.assign(
            squared_error=table["excess_risk"] + self.advice.noise_risk,
            above_least=table["excess_risk"] / self.advice.risks.value - 1.0,
        )

    def by_rank(self) -> pd.DataFrame:
        """Return what every rank costs; see :meth:`Advice.by_rank`."""
        return self.advice.by_rank()

    def sensitivities(self) -> pd.DataFrame:
        """Return what moving temperature and floor by 10 % costs, in nats of the divergence."""
        import pandas as pd

        costs = self.advice.faithful.sensitivities()
        table = {name: (self.advice.faithful.settings[name], *moves) for name, moves in costs.items()}
        return pd.DataFrame.from_dict(table, orient="index", columns=["value", "10 % smaller", "10 % larger"])

    def projection(self) -> pd.DataFrame:
        """Return what the student sees of the features: one column of loadings per retained direction.

        The centred features, in the units they were read in, times this table are the student's inputs.
        """
        import pandas as pd

        basis = self.recommended.basis
        scale = np.ones(len(basis)) if self.prepared is None else self.prepared.feature_scale
        names = [f"direction {i + 1}" for i in range(basis.shape[1])]
        return pd.DataFrame(basis / scale[:, None], index=pd.Index(self.features, name="feature"), columns=names)

    def coefficients(self) -> pd.DataFrame:
        """Return the recommended student as trained on these data: intercept and weights, in the units read."""
        import pandas as pd

        weights = self.recommended.replace(problem=self.observed).student_predictor.at(self.observed.observed).mean
        names = pd.Index(["intercept", *self.features], name="feature")
        intercept = np.zeros(len(weights))
        if self.prepared is not None:
            prepared = self.prepared
            raw_mean = prepared.moments.label_mean * prepared.output_scale
            weights = weights * prepared.output_scale[:, None] / prepared.feature_scale
            intercept = raw_mean - weights @ (prepared.moments.input_mean * prepared.feature_scale)
        return pd.DataFrame(np.vstack([intercept, weights.T]), index=names, columns=list(self.outputs))

    def report(self) -> str:
        """Return the whole analysis as one self-contained HTML page, charts included."""
        from lingauss.analysis.report import page

        return page(self)

    def save(self, folder: str | Path, *, force: bool = False) -> tuple[Path, ...]:
        """Write report.html, the charts (SVG and PNG) and the tables (CSV) to a folder, all of them or none.

        Parameters
        ----------
        folder : path
            Made if it does not exist. An earlier analysis in it is replaced; other files stay.
        force : bool
            Whether files of these names may be overwritten that lingauss did not write, or that were changed since.

        Raises
        ------
        ForeignFileError
            If a file would be overwritten and may not.
        OSError
            If the folder cannot be written, or a file in it is read-only.
        """
        from lingauss.analysis.report import save

        return save(self, Path(folder), force=force)

    def _repr_html_(self) -> str:
        from lingauss.analysis.report import summary

        return summary(self)

    def __repr__(self) -> str:
        from lingauss.analysis.wording import as_text

        return as_text(self)
