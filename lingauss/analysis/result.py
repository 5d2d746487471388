"""What an analysis returns: the recommended student, what it costs, and why to believe it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lingauss.analysis import tabulated, wording
from lingauss.analysis.findings import Findings
from lingauss.analysis.student import Student
from lingauss.analysis.training import student_of
from lingauss.analysis.verdict import verdict
from lingauss.files import as_path

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class Analysis(Findings):
    """Advice on a data set; made by :func:`lingauss.analyze`."""

    def verdict(self) -> str:
        """Return the advice in two sentences, errors in the target's unit."""
        return verdict(self)

    def choices_table(self) -> pd.DataFrame:
        """Return at most six students to choose among, the largest first.

        Returns
        -------
        pandas.DataFrame
            One row per choice: directions; error_at_inputs and r2_at_inputs, predicted for new labels at the training
            inputs; error_on_new_rows, its standard_error and r2_on_new_rows, cross-validated. Errors are root mean
            squares in the target's unit; of classes Brier scores, and accuracy_on_new_rows is measured on rows that
            were held out.
        """
        return tabulated.choices(self)

    def errors(self) -> xr.Dataset:
        """Return the student's error at every rank, in the target's unit.

        Returns
        -------
        xarray.Dataset
            Over student_rank: error on new rows, cross-validated, its standard_error, and error_at_inputs, predicted
            for new labels at the training inputs; NaN where labels are unknown.
        """
        return tabulated.errors(self)

    def student(self) -> Student:
        """Return the recommended student, trained on the data: to predict with, and to save."""
        return student_of(self)

    def settings(self) -> pd.DataFrame:
        """Return the recommended settings, for predictions and for uncertainty, as a table."""
        return tabulated.settings(self)

    def alternatives(self) -> pd.DataFrame:
        """Return what other choices would cost in predictions.

        Returns
        -------
        pandas.DataFrame
            One row per choice: rank, mixing, temperature, excess_risk in squared label units, squared_error (with the
            label noise), and above_least, the fraction by which the excess risk exceeds the least one of any rank.
        """
        return tabulated.alternatives(self)

    def by_rank(self) -> pd.DataFrame:
        """Return what every rank costs; see :meth:`Advice.by_rank`."""
        return self.advice.by_rank()

    def sensitivities(self) -> pd.DataFrame:
        """Return what moving temperature and floor by 10 % costs, in nats of the divergence; no row without effect."""
        return tabulated.sensitivities(self)

    def projection(self) -> pd.DataFrame:
        """Return what the student sees of the features: one column of loadings per retained direction.

        The centred features, in the units they were read in, times this table are the student's inputs.
        """
        return tabulated.projection(self)

    def coefficients(self) -> pd.DataFrame:
        """Return the recommended student as trained on these data: intercept and weights, in the units read."""
        return tabulated.coefficients(self)

    def report(self) -> str:
        """Return the whole analysis as one self-contained HTML page, charts included."""
        from lingauss.analysis.report import page

        return page(self)

    def save(self, folder: str | Path, *, force: bool = False) -> tuple[Path, ...]:
        """Write report.html, student.npz, the charts (SVG and PNG) and the tables (CSV) to a folder, all or none.

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

        return save(self, as_path(folder, "folder"), force=force)

    def _repr_html_(self) -> str:
        from lingauss.analysis.report import summary

        return summary(self)

    def __repr__(self) -> str:
        return wording.as_text(self)
