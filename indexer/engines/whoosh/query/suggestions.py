"""The phrases of all segments, each in a release that can be found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from indexer.engine import exact_text
from indexer.engines.shared.phrases import Phrases
from indexer.engines.whoosh.query.matcher import Matcher
from indexer.text.normalize import normalize

# More are asked of each segment than are wanted: what is rare in one may be frequent in another.
_OVERSAMPLING = 4


class SegmentPhrases:
    """See `indexer.engine.PhraseDictionary`."""

    def __init__(self, segments: Sequence[Phrases], matcher: Matcher, *, is_exact: bool) -> None:
        """`is_exact`: each phrase is in a release for sure. Else it is looked up before it is offered."""
        self._segments, self._matcher, self._is_exact = segments, matcher, is_exact

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keystrokes begin so."""
        return self._ask(lambda phrases, count: phrases.complete(keys, count), limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so."""
        return self._ask(lambda phrases, count: phrases.complete_initials(letters, count), limit)

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keystrokes type."""
        return self._ask(lambda phrases, _: phrases.with_keys(keys), len(keys))

    def _ask(self, ask: Callable[[Phrases, int], dict[str, int]], limit: int) -> dict[str, int]:
        """The most frequent of what the segments answer."""
        counts: Counter[str] = Counter()
        for phrases in self._segments:
            counts.update(ask(phrases, _OVERSAMPLING * limit))
        found: dict[str, int] = {}
        for phrase, count in sorted(counts.items(), key=lambda item: (-item[1], len(item[0]), item[0])):
            if self._is_exact or self._is_in_a_release(phrase):
                found[phrase] = count
                if len(found) == limit:
                    break
        return found

    def _is_in_a_release(self, phrase: str) -> bool:
        """Whether a release that is found has the letters and digits of a phrase in a row."""
        node = exact_text(normalize(phrase).text)
        return bool(node.chars) and bool(self._matcher.match(node).any())
