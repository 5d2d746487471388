"""Where errors from moments are not to be relied on, and warnings that say so."""

from __future__ import annotations
