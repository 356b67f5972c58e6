"""The phrases that suggestions come from: what the engine keeps, or else found in all of its releases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from indexer.analysis import Analyzer
from indexer.analysis.keyboard import initials_of, to_keystrokes
from indexer.analysis.noun_phrases import find_noun_phrases, title_phrase
from indexer.engine import PhraseDictionary, Snapshot
from indexer.release import PressRelease
from indexer.schema import LEAD_SYLLABLES

_RELEASES_AT_ONCE = 500
_WHOLE = np.iinfo(np.int64).max


def phrases_of(snapshot: Snapshot, analyzer: Analyzer) -> PhraseDictionary:
    """The phrases of a snapshot. Without the engine's help all of its releases are read once, which is for
    small indexes.
    """
    return snapshot if isinstance(snapshot, PhraseDictionary) else CountedPhrases(_count(snapshot, analyzer))


class CountedPhrases:
    """Phrases with how many releases have each. See `PhraseDictionary`."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keystrokes begin so."""
        return self._top(lambda phrase: to_keystrokes(phrase).startswith(keys), limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so."""
        return self._top(lambda phrase: initials_of(phrase).startswith(letters), limit)

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keystrokes type."""
        wanted = set(keys)
        return self._top(lambda phrase: to_keystrokes(phrase) in wanted, len(keys))

    def _top(self, is_wanted: Callable[[str], bool], limit: int) -> dict[str, int]:
        found = [(phrase, count) for phrase, count in self._counts.items() if is_wanted(phrase)]
        found.sort(key=lambda item: (-item[1], len(item[0]), item[0]))
        return dict(found[:limit])


def _count(snapshot: Snapshot, analyzer: Analyzer) -> Counter[str]:
    counts: Counter[str] = Counter()
    versions = snapshot.versions()
    while batch := list(islice(versions, _RELEASES_AT_ONCE)):
        for phrases in phrases_in(snapshot.fetch([version.ref for version in batch]), analyzer):
            counts.update(phrases)
    return counts


def phrases_in(releases: Sequence[PressRelease], analyzer: Analyzer) -> Iterator[set[str]]:
    """The phrases of each release: its title, and the nouns of title, subtitles and lead."""
    texts = [text for release in releases for text in (release.title, release.subtitle, release.body)]
    analysed = analyzer.analyze(texts)
    bigrams = analysed.bigrams
    ends = np.full(len(texts), _WHOLE)
    for body in range(2, len(texts), 3):
        beyond = bigrams.bounds[body] + LEAD_SYLLABLES
        if beyond < bigrams.bounds[body + 1]:
            ends[body] = bigrams.starts[beyond]
    found: list[set[str]] = [{title_phrase(release.title)} - {""} for release in releases]
    for text, phrase in find_noun_phrases(analysed.morphemes, texts, ends):
        found[text // 3].add(phrase)
    yield from found
