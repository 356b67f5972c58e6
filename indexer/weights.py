"""The weights of ranking, and the formula of idf.

The formula of the first pass is BM25F (Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25
and Beyond, 2009) with one saturation for all zones of a release. The frequency of a term is the weighted sum
of its occurrences in title, subtitle, lead and rest of the body; the length of a release is weighted
likewise.

Where the values come from:
- `whole_title` and all `…_share` are tuned: `python -m tests.relevance.weights` finds them by coordinate
  ascent on two judged sets at once, cross-validated (docs/analysis.md).
- `bigram` and `across` were set by hand, with MRR@10 measured before and after: subtitles .8839 to .8906,
  titles .8785 to .8813, together with `number_share`.
- `other_name` was set by hand, with MRR@10 of the queries that name an issuer measured before and after
  (docs/analysis.md): titles .8488 to .8505, subtitles .8978 to .8997. More is worse on both.
- `k1`, `b`, `lead` and `number` are as they were in the first version. That version called them measured, but
  no record is left, and no command finds them again.
- `title` and `subtitle` are neutral: an occurrence counts as in the rest of the body.
- `pair_reach` and `stretch` are choices, as are `recency` and `recency_half_life_days`: no judged set says
  how much newer is better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """First pass, factors:

    - `k1`, `b`: of BM25.
    - `title`, `subtitle`, `lead`: of an occurrence in this zone; the rest of the body has 1.
    - `bigram`, `across`: of a bigram inside a word, and of one that crosses from one word into the next; a
      morpheme has 1.
    - `number`: of a term with a digit.
    - `other_name`: of a term of another name of an issuer that the query names.
    - `whole_title`: of the sum of the weights of all terms, added if the title covers the query.
    - `recency`: of the same sum, added for the newest release if recent ones are preferred. Each
      `recency_half_life_days` before that halve it.

    Second pass (`search.rerank`), factors of features:

    - `pair_share`: neighbours of the query that follow each other within `pair_reach` positions.
    - `number_share`: numbers directly followed by what they count.
    - `stretch_share`: terms in the best window of `stretch` positions.
    - `lead_share`: terms in the lead.
    - `title_order_share`, `title_cover_share`: for a title that has every term, the order of the terms, and
      the share of the title that they take.
    """

    k1: float = 0.4
    b: float = 0.65
    title: float = 1.0
    subtitle: float = 1.0
    lead: float = 1.5
    bigram: float = 0.6
    across: float = 0.18
    number: float = 2.0
    other_name: float = 0.2
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
    """The inverse document frequency of a term that `frequency` of `documents` releases have.

    It is the idf of BM25 with 1 added inside the logarithm, so that it is never negative, as in Lucene's
    BM25Similarity.
    """
    return math.log1p((documents - frequency + 0.5) / (frequency + 0.5))
