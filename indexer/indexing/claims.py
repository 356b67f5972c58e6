"""Several releases under one id: which of them is the correction of which, and which are others.

A later release replaces an earlier one if both are evidently the same release: with one address, or of
one issuer, whatever it was called (or one of them names none), with one title or nearly one body. The rule
looks at nothing but the releases and their files, so that any order in which they arrive, and a
rebuild, come to the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import PurePosixPath

from indexer.curation.issuer_table import load_issuer_table
from indexer.release import SEOUL, PressRelease

# As many as near duplicates of a day have in common (`engines.shared.near_duplicates` estimates it from 29
# of 32 bytes): the share of their different pieces of six letters (Jaccard).
_LEAST_ALIKE = 0.9
_SHINGLE_LETTERS = 6
_WORDS = r"(?:정정|수정|재배포|재송부|재보도)"
_MARKER = re.compile(
    rf"[\[({{<【〈《「][^\[\](){{}}<>]{{0,12}}{_WORDS}[^\[\](){{}}<>]{{0,12}}[\])}}>】〉》」]"
    rf"|^\s*{_WORDS}\s?(?:보도자료|본|판)?[\s:_·-]+|[\s:_·-]+{_WORDS}(?:본|판)?\s*\d*\s*$"
)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Claim:
    """A release that has an id with others, as its source gave it. `modified_ns` is the time of change of its
    file, in nanoseconds since 1970; `order` its number within the file.
    """

    release: PressRelease
    modified_ns: int
    order: int = -1

    @property
    def path(self) -> str:
        """The file."""
        return self.release.source_path

    @property
    def modified_at(self) -> datetime:
        """When the file changed, in whole seconds."""
        return datetime.fromtimestamp(self.modified_ns // 1_000_000_000, SEOUL)

    @property
    def at(self) -> datetime:
        """When the release was made, as far as is known."""
        return self.release.corrected_at or self.release.published_at or self.modified_at

    @property
    def is_marked(self) -> bool:
        """Whether its title or the name of its file says that it is a correction."""
        names = (self.release.title, PurePosixPath(self.path).stem)
        return any(_MARKER.search(name) for name in names)

    def age_key(self) -> tuple[datetime, int, str, int]:
        """Of two different releases the older one has the smaller key."""
        return self.release.published_at or self.modified_at, self.modified_ns, self.path, self.order

    def sort_key(self) -> tuple[datetime, bool, int, str, int]:
        """Of two releases the later one has the greater key."""
        return self.at, self.is_marked, self.modified_ns, self.path, self.order


@dataclass(frozen=True, slots=True)
class Corrected:
    """A release that replaces earlier ones. `since`: when it was corrected, None if it replaces none."""

    claim: Claim
    since: datetime | None = None


@dataclass(slots=True)
class Settlement:
    """What becomes of the releases under one id. Of `indexed`, the different ones, the first has the id.
    `replaced` are pairs of an earlier one and the one that replaces it, `copies` of an equal one and the one
    that is indexed. `waiting` are pairs of a correction under embargo and what it will replace then; both
    are indexed.
    """

    indexed: list[Corrected] = field(default_factory=list)
    replaced: list[tuple[Claim, Claim]] = field(default_factory=list)
    copies: list[tuple[Claim, Claim]] = field(default_factory=list)
    waiting: list[tuple[Claim, Claim]] = field(default_factory=list)


def settle(claims: Iterable[Claim], now: datetime) -> Settlement:
    """Which of some releases under one id are indexed. `now` is aware.

    A correction under embargo replaces nothing that may be read before it: until then both are indexed.
    """
    settlement = Settlement()
    firsts: dict[str, Claim] = {}
    # Of equal ones the first path counts, whatever the times of the files.
    for claim in sorted(claims, key=lambda claim: (claim.path, claim.order)):
        first = firsts.setdefault(claim.release.content_hash, claim)
        if first is not claim:
            settlement.copies.append((claim, first))
    pages = _copies_of_pages(firsts.values())
    settlement.copies += pages
    copies = {id(claim) for claim, _ in pages}
    versions: list[list[Claim]] = []
    for claim in sorted((one for one in firsts.values() if id(one) not in copies), key=Claim.sort_key):
        earlier = [one for one in versions if _replaces(claim, one[-1], now)]
        if not earlier:
            versions.append([claim])
            continue
        # It may replace what has waited for an embargo beside what has not.
        earlier[0][:] = [*sorted((one for some in earlier for one in some), key=Claim.sort_key), claim]
        versions = [one for one in versions if not any(one is other for other in earlier[1:])]
    waits = {id(one): other for one in versions if (other := _waits_for(one[-1], versions, now))}
    # What waits has another address meanwhile.
    versions.sort(key=lambda one: (id(one) in waits, min(claim.age_key() for claim in one)))
    for one in versions:
        if id(one) in waits:
            settlement.waiting.append((one[-1], waits[id(one)]))
        settlement.indexed.append(Corrected(one[-1], _since(one)))
        settlement.replaced += [(claim, one[-1]) for claim in one[:-1]]
    return settlement


def _copies_of_pages(claims: Iterable[Claim]) -> list[tuple[Claim, Claim]]:
    """The same page in several files, as two sources list it, each copy with the one that stays. One that
    says that it is a correction, or is of another day, is none. What is under the longest embargo stays, so
    that nothing is early; then what has more attachments, then more text, then the first path.
    """
    pages: dict[tuple[str, date | None], dict[str, list[Claim]]] = {}
    for claim in claims:
        release = claim.release
        if release.url and not release.corrected_at and not claim.is_marked:
            day = release.published_at.astimezone(SEOUL).date() if release.published_at else None
            pages.setdefault((release.url, day), {}).setdefault(claim.path, []).append(claim)
    copies = []
    for files in pages.values():
        # Of one file the later record is a later version.
        kept, *others = sorted((max(some, key=Claim.sort_key) for some in files.values()), key=_poverty)
        copies += [(claim, kept) for other in others for claim in files[other.path]]
    return copies


def _poverty(claim: Claim) -> tuple[float, int, int, str]:
    release = claim.release
    until = release.embargo_until.timestamp() if release.embargo_until else float("-inf")
    return -until, -len(release.attachments), -len(release.body), claim.path


def _replaces(later: Claim, earlier: Claim, now: datetime) -> bool:
    return not _waits(later, earlier, now) and _is_same(later.release, earlier.release)


def _waits_for(claim: Claim, versions: list[list[Claim]], now: datetime) -> Claim | None:
    """What a correction will replace when its embargo ends."""
    for one in versions:
        earlier = one[-1]
        is_earlier = earlier.sort_key() < claim.sort_key()
        if is_earlier and _waits(claim, earlier, now) and _is_same(claim.release, earlier.release):
            return earlier
    return None


def _waits(later: Claim, earlier: Claim, now: datetime) -> bool:
    return (later.release.embargo_until or _NEVER) > max(now, earlier.release.embargo_until or _NEVER)


def _is_same(one: PressRelease, other: PressRelease) -> bool:
    """Whether two releases of one id are evidently the same release."""
    if one.url and one.url == other.url:
        return True
    if one.outlet and other.outlet and _body(one.outlet) != _body(other.outlet):
        return False
    return _letters(_MARKER.sub(" ", one.title)) == _letters(_MARKER.sub(" ", other.title)) or _are_alike(
        _letters(one.body), _letters(other.body)
    )


def _body(outlet: str) -> str:
    """Who an issuer is today, by the table of issuers; the letters of its name where that has none."""
    found = load_issuer_table().find(outlet)
    return _letters(found.body if found else outlet)


def _are_alike(one: str, other: str) -> bool:
    pieces, others = _shingles(one), _shingles(other)
    common = len(pieces & others)
    return common > 0 and common >= _LEAST_ALIKE * len(pieces | others)


def _shingles(letters: str) -> set[str]:
    return {letters[start : start + _SHINGLE_LETTERS] for start in range(len(letters) - _SHINGLE_LETTERS + 1)}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _since(versions: list[Claim]) -> datetime | None:
    """When the last of some versions was made; None of a single one. Where they state one time, the file
    says it.
    """
    if len(versions) < 2:
        return None
    (earlier, last), *_ = reversed(list(pairwise(versions)))
    return last.at if last.at > earlier.at else last.modified_at
