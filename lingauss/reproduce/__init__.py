"""The case study as one call: charts, the numbers behind them, and what they show in words."""

from lingauss.reproduce.run import reproduce

__all__ = ["reproduce"]
