"""Every error lingauss raises on purpose: what was expected, what came, how to mend it."""

from __future__ import annotations


class LingaussError(ValueError):
    """Base of all errors raised by lingauss; a ``ValueError``.

    Parameters
    ----------
    expected
        What the call needed, as a noun phrase.
    got
        What it received instead.
    remedy
        What the caller can do about it, as a sentence.
    """

    def __init__(self, expected: str, got: str, remedy: str) -> None:
        super().__init__(expected, got, remedy)
        self.expected = expected
        self.got = got
        self.remedy = remedy

    def __str__(self) -> str:
        return f"expected {self.expected}; got {self.got}. {self.remedy}"


class ShapeError(LingaussError):
    """An array has the wrong number of axes or the wrong length along one."""


class MisalignedError(LingaussError):
    """Inputs and targets whose own labels say that their rows belong to different samples."""


class EmptyDataError(ShapeError):
    """There are no samples, features or batches to work on."""


class NotNumericError(LingaussError):
    """A value cannot be read as real numbers."""


class NotFiniteError(LingaussError):
    """A value is NaN or infinite where a finite number is needed."""


class DomainError(LingaussError):
    """A number or an option lies outside its legal range."""


class OverflowingError(LingaussError):
    """A finite input leads beyond the range of float64."""


class CovarianceError(LingaussError):
    """A matrix is not symmetric positive semidefinite."""


class IllConditionedError(LingaussError):
    """A law that is nonsingular in exact arithmetic cannot be told from a singular one in float64."""


class SubspaceError(LingaussError):
    """The columns of a basis are linearly dependent."""


class SingularGramError(LingaussError):
    """Penalty 0 leaves the weights undetermined because the Gram matrix is singular."""


class UnstableStepError(LingaussError):
    """A step size is so large that gradient descent has no stationary law; the limit is given."""


class UndefinedFloorError(LingaussError):
    """The default spread of the discarded directions does not exist."""


class MissingTruthError(LingaussError):
    """A result averaged over labels was asked of a problem that knows no true weights."""


class NotAveragedError(LingaussError):
    """A quantity without a closed form on average over inputs was asked of a population that they are drawn from."""


class MissingLabelsError(LingaussError):
    """A result needs observed labels, or an assumed noise, that the problem does not have."""


class NoiseEstimationError(LingaussError):
    """The residuals leave no degrees of freedom, or no variance, to estimate the label noise from."""


class GridTooLargeError(LingaussError):
    """A grid of designs, or a matrix or samples of a size that was asked for, would not fit in memory."""


class NotSubGaussianError(LingaussError):
    """A variance proxy was asked of a gap that is not sub-Gaussian with it."""


class BlockError(LingaussError):
    """A block of a chunked sweep could not be evaluated; the message names its range along every axis."""


class SignatureError(LingaussError, TypeError):
    """A call lacks an argument, or has one that the function does not take; also a ``TypeError``."""


class UnknownNameError(LingaussError):
    """A name is not in the vocabulary; the closest legal ones are listed."""


class MissingResultError(LingaussError):
    """A chart was given results that lack what it draws; the message names the sweep that makes them."""


class UnknownSymbolError(LingaussError):
    """A symbol does not occur in the formula; the ones that do are listed."""


class AssumptionError(LingaussError):
    """A value breaks an assumption under which a formula was derived."""


class NotProvedError(LingaussError):
    """The difference between what was derived and what is stated does not simplify to zero."""


class FileFormatError(LingaussError):
    """A file does not hold the table that its name promises."""


class ForeignFileError(LingaussError):
    """A file stands in the way that lingauss did not write, or that was changed since."""


class ConstantColumnError(LingaussError):
    """A column has the same value in every row."""


class ClaimError(LingaussError):
    """A claim under test gives no answer that can be judged."""


class InapplicableError(LingaussError):
    """A claim under test has nothing to say about a case."""


class ModelError(LingaussError):
    """A network cannot be measured or compressed as it is; the message names the module."""


class MissingDependencyError(LingaussError):
    """An optional dependency is not installed; the message names the extra that brings it."""


class TiedSpectrumWarning(UserWarning):
    """A principal bottleneck cuts through equal eigenvalues of the Gram matrix, where it is ambiguous."""


class FewInputsWarning(UserWarning):
    """A layer's Kronecker factors were measured on too few inputs to be used without damping."""


class SaturatedTeacherWarning(UserWarning):
    """A teacher is so sure of its classes that second-order costs need a measured curve beside them."""


class UnreliableEstimateWarning(UserWarning):
    """An error on unseen rows, estimated from moments, can be far off; leave-one-out is not."""


class UnequalLeverageWarning(UnreliableEstimateWarning):
    """Rows weigh so unequally in the fit that no average row stands for them."""


class InterpolationWarning(UnreliableEstimateWarning):
    """A fit leaves so few residual degrees of freedom that an error on unseen rows is a ratio of small numbers."""


class UnidentifiableNoiseWarning(UserWarning):
    """The samples leave no residuals of least squares that would tell label noise from error."""


class EquivalentWarning(UserWarning):
    """A deterministic equivalent is asked so near its interpolation peak, 1 − γ < 2/n, that its error is not small."""
