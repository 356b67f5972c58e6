"""What a query asks of the engine, and what is shown of it: the result of `compile`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from indexer.analysis import Token
from indexer.engine import And, FacetIn, Node, Or, ScoringTerm
from indexer.search.interpretations import Interpretation, any_of
from indexer.search.issuers import IssuerWord


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word as typed, or several words that have a synonym together.

    `interpretations` are the ways to find it, the likeliest first, synonyms last. `synonyms` are as written
    in the file. `tokens` are the morphemes that score for it, without those of its synonyms. `issuer`: whom
    it names, if it names an issuer. `particle`: the end of `text`, in normal form, that does not belong to
    what has synonyms or names an issuer.
    """

    text: str
    interpretations: tuple[Interpretation, ...]
    synonyms: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()
    issuer: IssuerWord | None = None
    particle: str = ""

    @property
    def name(self) -> str:
        """The text without its particle."""
        return unicodedata.normalize("NFC", self.text).removesuffix(self.particle)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the issuer that the word names."""
        return self.issuer.labels if self.issuer else ()

    @property
    def node(self) -> Node:
        """Releases with the word in any of its interpretations, or of the issuer that it names."""
        nodes = [interpretation.node for interpretation in self.interpretations]
        return any_of([*nodes, FacetIn("outlet", self.labels)] if self.labels else nodes)


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """What a query asks of the engine.

    - `words`: what is found and marked; no excluded words.
    - `conditions`: what a release must fulfil besides: facets, dates, and nothing that is excluded.
    - `node`: words and conditions together.
    - `scoring`: the terms of the first pass of ranking.
    - `morphemes`: those of `words` in order, for the second pass.
    - `excluded`: words that no release may have, in no way to find them.
    """

    words: tuple[QueryWord, ...]
    conditions: tuple[Node, ...]
    node: Node
    scoring: tuple[ScoringTerm, ...]
    morphemes: tuple[str, ...]
    excluded: tuple[QueryWord, ...] = ()

    @property
    def partial(self) -> Node:
        """Releases with at least one of the words that fulfil all conditions."""
        return And((Or(tuple(word.node for word in self.words)), *self.conditions))
