"""What the words of a query are worth in the first pass of ranking: the terms that an engine scores by.

Morphemes find what is meant. Bigrams find what no dictionary knows and what is spaced otherwise. Numbers tell
releases of the same kind apart. The weights are in `indexer/weights.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, groupby

from indexer.analysis import Span
from indexer.engine import ScoringTerm, Stream
from indexer.weights import WEIGHTS, Weights

# A word of so many characters may be several that were typed without their spaces. Four syllables are the
# usual compound of two words (지방 정부); from six on three words are likely.
LONG_WORD = 6


def scoring_terms(
    texts: Iterable[tuple[Sequence[Span], Sequence[Span]]], weights: Weights = WEIGHTS
) -> tuple[ScoringTerm, ...]:
    """The terms of some texts of a query, given by the morphemes and the bigrams of each."""
    weight_of: defaultdict[tuple[Stream, str], float] = defaultdict(float)
    groups_of: dict[tuple[Stream, str], dict[int, None]] = defaultdict(dict)
    group_ids = count()
    for morphemes, bigrams in texts:
        borders: set[int] = set()
        for term, start, end in morphemes:
            weight_of["morphemes", term] += number_weight(term, weights)
            groups_of["morphemes", term] = {next(group_ids): None}
            borders |= {start, end}
        # By the offset of each bigram. Those in no word stand across two.
        bigram_weight = {start: weights.across for _, start, _ in bigrams}
        for word in _words(bigrams):
            for alternatives in _coverage_groups([term for term, _, _ in word]):
                group = next(group_ids)
                for term in alternatives:
                    groups_of["bigrams", term][group] = None
            for _, start, _ in word:
                # At the end of a morpheme in a long word another word may begin, or not.
                is_unsure = _is_long(word) and start + 1 in borders
                bigram_weight[start] = (weights.across + weights.bigram) / 2 if is_unsure else weights.bigram
        for term, start, _ in bigrams:
            weight_of["bigrams", term] += bigram_weight[start] * number_weight(term, weights)
    return tuple(
        ScoringTerm(stream, term, weight, tuple(groups_of[stream, term]))
        for (stream, term), weight in weight_of.items()
    )


def _coverage_groups(word: Sequence[str]) -> Iterator[Sequence[str]]:
    """What a title must have of the bigrams of a word: one of each of these.

    All of them. But where a long word ends and begins inside is not known for sure: a title need not hold a
    bigram where one word may end, unless that is next to another such bigram or one character from an end.
    """
    if _is_long(word):
        yield from (word[:1], word[-1:])
        yield from (word[index : index + 2] for index in range(1, len(word) - 2))
    else:
        yield from ([term] for term in word)


def _is_long(word: Sequence[object]) -> bool:
    """Whether the bigrams of a word are those of several that may have been typed without their spaces."""
    return len(word) + 1 >= LONG_WORD


def _words(bigrams: Sequence[Span]) -> Iterator[list[Span]]:
    """The bigrams of each word: nothing stands between their characters, and each follows the one before."""
    touching = [span for span in bigrams if span[2] - span[1] == 2]
    for _, word in groupby(enumerate(touching), key=lambda item: item[1][1] - item[0]):
        yield [span for _, span in word]


def number_weight(term: str, weights: Weights = WEIGHTS) -> float:
    """What a term counts for being a number: `weights.number`, or 1."""
    return weights.number if has_digit(term) else 1.0


def has_digit(term: str) -> bool:
    """Whether a term is or holds a number."""
    return not term.isalpha() and any(char.isdigit() for char in term)
