"""What an index knows about a query that is compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from indexer.engine import MAX_FACET_VALUES, AsksOverNetwork, Node, ScoringTerm, Snapshot, offers
from indexer.search.issuers import IssuerLabels
from indexer.text.normalize import squeeze


class IndexTerms:
    """What an index knows about a query: the values of its facets, and how many releases a node matches.

    The counts that a query needs are asked of the index together. `count` says 1 for a node that is not
    counted yet: a word that some release has is looked at most closely. So words are interpreted, then
    `count_asked` counts what they asked for, and they are interpreted again, until they ask for nothing new.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        count_all: Callable[[Sequence[Node]], Sequence[int | None]],
        issuers: IssuerLabels | None = None,
    ) -> None:
        """`count_all` is like `Snapshot.count`. Without `issuers` no word is the name of one."""
        self._snapshot, self._count_all = snapshot, count_all
        self.issuers = issuers
        self._counts: dict[Node, int] = {}
        self._asked: dict[Node, None] = {}
        self.matching = cache(self._find_matching)

    def count(self, node: Node) -> int:
        """How many releases a node matches: 1 until it is counted, 0 if there was no time for that."""
        if node not in self._counts:
            self._asked[node] = None
        return self._counts.get(node, 1)

    def count_asked(self, scoring: Sequence[ScoringTerm]) -> bool:
        """Count the nodes that were asked for since the last time; False if there were none. `scoring` are
        the terms that will score, as far as is known.
        """
        asked, self._asked = list(self._asked), {}
        if asked:
            if offers(self._snapshot, AsksOverNetwork):
                self._snapshot.expect(scoring)
            counts = self._count_all(asked)
            self._counts.update((node, count or 0) for node, count in zip(asked, counts, strict=True))
        return bool(asked)

    def _find_matching(self, facet: str, typed: str) -> tuple[str, ...]:
        """The values of a facet that what was typed means: the labels of an issuer; else those that equal it,
        spaces aside; if there are none, those that contain it.
        """
        if facet == "outlet" and self.issuers and (labels := self.issuers.labels_of(typed)):
            return labels
        values = self._snapshot.facet_values(facet, containing=typed, limit=MAX_FACET_VALUES)
        same = tuple(value for value in values if squeeze(value) == squeeze(typed))
        return same or tuple(values)
