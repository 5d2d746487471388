"""Every run of the property tests is the same, on any machine: the profile that users are given."""

from hypothesis import settings

import lingauss.testing  # noqa: F401 (registers the profile)

settings.load_profile("lingauss-ci")
