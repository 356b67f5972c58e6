"""What words of a query find besides: synonyms of the user's file or, where that has no line for them, the
other names of the issuer that they name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.analysis import Analyzer
from indexer.curation.synonyms import Synonyms
from indexer.search.issuers import IssuerLabels, IssuerWord


@dataclass(frozen=True, slots=True)
class Others:
    """What words find besides. Only one of both is there."""

    synonyms: tuple[str, ...] = ()
    issuer: IssuerWord | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts to search for."""
        return self.issuer.also if self.issuer else self.synonyms

    def __bool__(self) -> bool:
        return bool(self.synonyms or self.issuer)


NO_OTHERS = Others()


class OtherWords:
    """Finds what words find besides. Without `issuers` only synonyms."""

    def __init__(self, analyzer: Analyzer, synonyms: Synonyms, issuers: IssuerLabels | None = None) -> None:
        self._analyzer, self._synonyms, self._issuers = analyzer, synonyms, issuers

    def find(self, normals: Sequence[str]) -> Others:
        """What consecutive words, in normal form, find besides, as typed; if that is nothing, without the
        particle of the last.
        """
        if others := self._find_exactly(normals):
            return others
        particle = self._analyzer.read_word(normals[-1]).particle_chars
        return self._find_exactly([*normals[:-1], normals[-1][:-particle]]) if particle else NO_OTHERS

    def _find_exactly(self, words: Sequence[str]) -> Others:
        if synonyms := self._synonyms.find(words):
            return Others(tuple(synonyms))
        issuer = self._issuers.read_word(" ".join(words)) if self._issuers else None
        return Others(issuer=issuer if issuer and (issuer.also or issuer.labels) else None)
