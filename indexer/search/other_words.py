"""What words of a query find besides: synonyms of the user's file or, where that has no line for them, the
other names of the issuer that they name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.analysis import Analyzer
from indexer.analysis.orthography import may_follow
from indexer.curation.synonyms import Synonyms
from indexer.search.issuers import IssuerLabels, IssuerWord
from indexer.text.hangul import is_hangul_syllable

# The longest particles that `analysis.orthography` knows: 으로부터.
_MAX_PARTICLE_CHARS = 4


@dataclass(frozen=True, slots=True)
class Others:
    """What words find besides: synonyms or an issuer. `particle` is the end of the last word, in normal form,
    that does not belong to the words with others. `own_text`: those words, where they must be searched too.
    """

    synonyms: tuple[str, ...] = ()
    issuer: IssuerWord | None = None
    particle: str = ""
    own_text: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts to search for besides."""
        also = self.issuer.also if self.issuer else self.synonyms
        return (self.own_text, *also) if self.own_text else also

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
        *before, last = normals
        if particle := self._analyzer.read_word(last).particle_chars:
            others = self._find_exactly([*before, last[:-particle]])
            return replace(others, particle=last[-particle:]) if others else NO_OTHERS
        return self._find_without_particle(before, last) if self._issuers else NO_OTHERS

    def _find_without_particle(self, before: Sequence[str], last: str) -> Others:
        """What the name of an issuer finds whose particle the tagger does not know: it reads 기재부가 as 기재
        and 부가. The name itself must then be searched too.
        """
        for chars in range(1, min(_MAX_PARTICLE_CHARS, len(last) - 1) + 1):
            name, particle = last[:-chars], last[-chars:]
            if is_hangul_syllable(name[-1]) and may_follow(name[-1], particle):
                others = self._find_exactly([*before, name])
                if others.issuer:
                    return replace(others, particle=particle, own_text=" ".join([*before, name]))
                if others and self._names_issuer([*before, name]):
                    return replace(others, particle=particle)
        return NO_OTHERS

    def _find_exactly(self, words: Sequence[str]) -> Others:
        if synonyms := self._synonyms.find(words):
            return Others(tuple(synonyms))
        issuer = self._names_issuer(words)
        return Others(issuer=issuer if issuer and (issuer.also or issuer.labels) else None)

    def _names_issuer(self, words: Sequence[str]) -> IssuerWord | None:
        return self._issuers.read_word(" ".join(words)) if self._issuers else None
