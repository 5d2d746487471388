"""The version of the package, which everything that is saved carries along."""

__version__ = "0.1.0"
