"""Weights of ranking, in one place; found by measuring, not by taste (`python -m tests.relevance.weights`).

The formula is BM25F (Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009)
with one saturation for all zones of a release: a term's frequency is the weighted sum of its occurrences
in title, subtitle, lead and rest of the body; so is the length of the release.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """First pass: `k1` and `b` of BM25; what an occurrence counts in each zone (the rest of the body counts
    1); what a bigram counts beside a morpheme, inside a word and `across` two; what a term with a digit
    counts more; and, times what the query's terms weigh, `whole_title` for a title that holds them all.

    Second pass, each a share of what the query weighs: neighbours of the query that follow each other within
    `pair_reach` places; numbers with what they count right behind them; the best `stretch` places; the lead;
    and of a title that holds the whole query, the order of its words and how much of it they are.

    `recency`, times what the query's terms weigh, is for the newest release where recent ones are preferred;
    each `recency_half_life_days` halve it. That is a choice: no judged set says how much newer is better.
    """

    k1: float = 0.4
    b: float = 0.65
    title: float = 1.0
    subtitle: float = 1.0
    lead: float = 1.5
    bigram: float = 0.6
    across: float = 0.18
    number: float = 2.0
    whole_title: float = 1.0
    pair_share: float = 0.3
    pair_reach: int = 4
    number_share: float = 0.18
    stretch_share: float = 0.3
    stretch: int = 16
    lead_share: float = 0.1
    title_order_share: float = 0.6
    title_cover_share: float = 0.4
    recency: float = 0.5
    recency_half_life_days: float = 180.0


WEIGHTS = Weights()


def idf(frequency: int, documents: int) -> float:
    """How much a term tells that `frequency` of `documents` have: BM25's idf, with 1 added so that it is
    never negative (Lucene's BM25Similarity).
    """
    return math.log1p((documents - frequency + 0.5) / (frequency + 0.5))
