"""Every run of the property tests is the same, on any machine: the profile that users are given."""

import os

# Before numpy loads: small matrices gain nothing from a second thread, and threads that wait take the other worker's.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import settings

import lingauss.testing  # noqa: F401 (registers the profile)

settings.load_profile("lingauss-ci")
