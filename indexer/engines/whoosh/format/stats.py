"""The statistics of a posting: how often a term occurs in each zone of a release, packed in 16 bits.

    bits 0-6     occurrences in the body, its lead included, at most 127
    bit 7        whether an occurrence is a word by itself, see `analysis.bigrams.is_matchable_alone`
    bits 8-9     occurrences in the title, at most 3
    bits 10-11   in the subtitle, at most 3
    bits 12-13   in the lead, at most 3
    bits 14-15   free

Where a count of title, subtitle or body reaches its cap, the exact frequency is in a side table, see
`stored_postings`. Text in a field without a zone of its own counts as body.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.engines.shared.arrays import ByteArray, Int64Array, Mask

PackedStats = NDArray[np.uint16]

# Where a token stands: in the title, in the subtitle, or in the body, which begins with its lead.
TITLE, SUBTITLE, LEAD, BODY = range(4)
ZONES = 4

BODY_MASK = 0x7F
MATCHABLE_BIT = 0x80
TITLE_SHIFT, SUBTITLE_SHIFT, LEAD_SHIFT = 8, 10, 12
SATURATED = 255  # in INLINE_FREQS: above what the caps allow
_ZONE_CAP = 3


def pack_stats(zone_freqs: Int64Array, matchable: Mask) -> PackedStats:
    """The statistics of postings. `zone_freqs` has a row for each of TITLE to BODY, a column a posting;
    `matchable` says for each posting whether an occurrence is a word by itself.
    """
    body = np.minimum(zone_freqs[LEAD] + zone_freqs[BODY], BODY_MASK)
    stats = body | np.where(matchable, MATCHABLE_BIT, 0)
    for zone, shift in ((TITLE, TITLE_SHIFT), (SUBTITLE, SUBTITLE_SHIFT), (LEAD, LEAD_SHIFT)):
        stats |= np.minimum(zone_freqs[zone], _ZONE_CAP) << shift
    packed: PackedStats = stats.astype(np.uint16)
    return packed


def freqs_in_zone(stats: PackedStats, shift: int) -> PackedStats:
    """Occurrences in the zone at `shift`, at most 3."""
    freqs: PackedStats = (stats >> np.uint16(shift)) & np.uint16(_ZONE_CAP)
    return freqs


def is_in_title(stats: PackedStats) -> Mask:
    """Which postings have an occurrence in the title."""
    return freqs_in_zone(stats, TITLE_SHIFT) > 0


def is_in_field(stats: PackedStats, field: str) -> Mask:
    """Which postings have an occurrence in a text field."""
    shift = {"title": TITLE_SHIFT, "subtitle": SUBTITLE_SHIFT}.get(field)
    there: Mask = (stats & BODY_MASK if shift is None else freqs_in_zone(stats, shift)) > 0
    return there


def is_matchable(stats: PackedStats) -> Mask:
    """Which postings have an occurrence that is a word by itself."""
    matchable: Mask = (stats & MATCHABLE_BIT) > 0
    return matchable


def _inline_freqs() -> ByteArray:
    stats = np.arange(1 << 16, dtype=np.uint16)
    body, title, subtitle = (
        stats & BODY_MASK,
        freqs_in_zone(stats, TITLE_SHIFT),
        freqs_in_zone(stats, SUBTITLE_SHIFT),
    )
    freqs = body + title + subtitle
    freqs[(body == BODY_MASK) | (title == _ZONE_CAP) | (subtitle == _ZONE_CAP)] = SATURATED
    return freqs.astype(np.uint8)


# The term frequency that each value of statistics says; SATURATED where a cap was reached.
INLINE_FREQS = _inline_freqs()
