"""Hypothesis profiles: deterministic and thorough enough for every run."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "lingauss", deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lingauss")
