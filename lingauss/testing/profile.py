"""Settings of Hypothesis for continuous integration: every run is the same, and slow machines fail no test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

CI = settings(
    settings.get_profile("default"),
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
"""Deterministic, without deadline or database; importing :mod:`lingauss.testing` registers it as ``lingauss-ci``."""

settings.register_profile("lingauss-ci", CI)
