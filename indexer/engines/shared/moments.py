"""The moments of a release as whole seconds since 1970."""

from __future__ import annotations

import math

from indexer.engine import UNDATED
from indexer.release import PressRelease


def published_seconds(release: PressRelease) -> int:
    """The date, or UNDATED."""
    return int(release.published_at.timestamp()) if release.published_at else UNDATED


def embargo_seconds(release: PressRelease) -> int:
    """The first second at which a release may be found, 0 without an embargo."""
    return math.ceil(release.embargo_until.timestamp()) if release.embargo_until else 0
