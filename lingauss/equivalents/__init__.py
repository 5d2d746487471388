"""Deterministic equivalents: what ridge regressions do on average over inputs that are drawn from a population."""
