"""The phrases that suggestions are made of: stored by the engine, or else counted in all releases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from indexer.analysis import Analyzer
from indexer.analysis.keyboard import initials_of, to_keystrokes
from indexer.analysis.noun_phrases import find_noun_phrases, title_phrase
from indexer.engine import PhraseDictionary, Snapshot, offers
from indexer.release import PressRelease
from indexer.schema import LEAD_SYLLABLES

# How many releases are analysed at once. A choice: their texts and tokens are in memory together.
_BATCH_RELEASES = 500
_NO_END = np.iinfo(np.int64).max


def phrases_of(snapshot: Snapshot, analyzer: Analyzer) -> PhraseDictionary:
    """The phrases of a snapshot. If the engine does not store them, all releases are read and analysed once,
    which only a small index can afford.
    """
    return snapshot if offers(snapshot, PhraseDictionary) else CountedPhrases(_count(snapshot, analyzer))


class CountedPhrases:
    """A `PhraseDictionary` of counted phrases. Each question looks at all of them."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keystrokes begin with `keys`, the most frequent first."""
        return self._top(lambda phrase: to_keystrokes(phrase).startswith(keys), limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose initial consonants begin with `letters`, the most frequent first."""
        return self._top(lambda phrase: initials_of(phrase).startswith(letters), limit)

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases whose keystrokes are in `keys`: the most frequent ones, as many as there are keystrokes."""
        wanted = set(keys)
        return self._top(lambda phrase: to_keystrokes(phrase) in wanted, len(keys))

    def _top(self, is_wanted: Callable[[str], bool], limit: int) -> dict[str, int]:
        wanted = [(phrase, count) for phrase, count in self._counts.items() if is_wanted(phrase)]
        wanted.sort(key=lambda item: (-item[1], len(item[0]), item[0]))
        return dict(wanted[:limit])


def _count(snapshot: Snapshot, analyzer: Analyzer) -> Counter[str]:
    counts: Counter[str] = Counter()
    versions = snapshot.versions()
    while batch := list(islice(versions, _BATCH_RELEASES)):
        for phrases in phrases_in(snapshot.fetch([version.ref for version in batch]), analyzer):
            counts.update(phrases)
    return counts


def phrases_in(releases: Sequence[PressRelease], analyzer: Analyzer) -> Iterator[set[str]]:
    """The phrases of each release: its title, and the noun phrases of title, subtitles and lead.

    Raises AnalysisError if a text holds a lone surrogate.
    """
    texts = [text for release in releases for text in (release.title, release.subtitle, release.body)]
    analysed = analyzer.analyze(texts)
    bigrams = analysed.bigrams
    ends = np.full(len(texts), _NO_END)
    for body in range(2, len(texts), 3):
        behind_lead = bigrams.bounds[body] + LEAD_SYLLABLES
        if behind_lead < bigrams.bounds[body + 1]:
            ends[body] = bigrams.starts[behind_lead]
    phrases: list[set[str]] = [{title_phrase(release.title)} - {""} for release in releases]
    for text, phrase in find_noun_phrases(analysed.morphemes, texts, ends):
        phrases[text // 3].add(phrase)
    yield from phrases
