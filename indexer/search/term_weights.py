"""The terms that an engine scores by in the first pass of ranking, with their weights.

Morphemes find what is meant. Bigrams find words that no dictionary has, and words with other spaces. Numbers
tell releases of the same kind apart. The weights are in `indexer/weights.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby

from indexer.analysis import Span
from indexer.engine import ScoringTerm, Stream
from indexer.weights import WEIGHTS, Weights

# A word of at least so many characters may be several words without their spaces. A choice: four syllables
# are the usual compound of two words (지방 정부), and six are likely three words.
LONG_WORD = 6


# The spans of the morphemes of a text, and of its bigrams.
TextSpans = tuple[Sequence[Span], Sequence[Span]]
_Key = tuple[Stream, str]


def scoring_terms(
    texts: Iterable[TextSpans], weights: Weights = WEIGHTS, *, names: Iterable[TextSpans] = ()
) -> tuple[ScoringTerm, ...]:
    """The scoring terms of a query.

    `texts` are its words and its synonyms. A term that occurs several times weighs the sum of its
    occurrences. `names` are other names of the issuers that the words name. What they have in common with
    the words or with each other scores once, and no title need have them.
    """
    weight_of, groups_of = _weigh(texts, weights)
    for name in names:
        for key, weight in _weigh([name], weights)[0].items():
            weight_of[key] = max(weight_of.get(key, 0.0), weights.other_name * weight)
    return tuple(
        ScoringTerm(stream, term, weight, tuple(groups_of.get((stream, term), ())))
        for (stream, term), weight in weight_of.items()
        if weight
    )


def _weigh(
    texts: Iterable[TextSpans], weights: Weights
) -> tuple[dict[_Key, float], Mapping[_Key, Iterable[int]]]:
    """The weight of each term of some texts, and the coverage groups that it may stand for."""
    weight_of: defaultdict[_Key, float] = defaultdict(float)
    groups_of: dict[_Key, dict[int, None]] = defaultdict(dict)
    group_ids = count()
    for morphemes, bigrams in texts:
        borders: set[int] = set()
        for term, start, end in morphemes:
            weight_of["morphemes", term] += number_weight(term, weights)
            groups_of["morphemes", term] = {next(group_ids): None}
            borders |= {start, end}
        # The weight of each bigram by its start. A bigram that is in no word crosses from one into the next.
        bigram_weight = {start: weights.across for _, start, _ in bigrams}
        for word in _words(bigrams):
            for alternatives in _coverage_groups([term for term, _, _ in word]):
                group = next(group_ids)
                for term in alternatives:
                    groups_of["bigrams", term][group] = None
            for _, start, _ in word:
                # A long word may be two words here, where a morpheme ends.
                is_unsure = _is_long(word) and start + 1 in borders
                bigram_weight[start] = (weights.across + weights.bigram) / 2 if is_unsure else weights.bigram
        for term, start, _ in bigrams:
            weight_of["bigrams", term] += bigram_weight[start] * number_weight(term, weights)
    return weight_of, groups_of


def _coverage_groups(word: Sequence[str]) -> Iterator[Sequence[str]]:
    """Groups of bigrams; a title covers the word if it has at least one bigram of each group.

    A short word has a group for each bigram. A long word may be several words, and a title that has them with
    spaces lacks the bigram across each border. So a group has two neighbouring bigrams, one of which may be
    missing; only the first and the last bigram of the word are groups of their own.
    """
    if _is_long(word):
        yield from (word[:1], word[-1:])
        yield from (word[index : index + 2] for index in range(1, len(word) - 2))
    else:
        yield from ([term] for term in word)


def _is_long(word: Sequence[object]) -> bool:
    """Whether a word, given by its bigrams, may be several words without their spaces."""
    return len(word) + 1 >= LONG_WORD


def _words(bigrams: Sequence[Span]) -> Iterator[list[Span]]:
    """The bigrams of each word. Their two characters are adjacent, and each begins one behind the other."""
    touching = [span for span in bigrams if span[2] - span[1] == 2]
    for _, word in groupby(enumerate(touching), key=lambda item: item[1][1] - item[0]):
        yield [span for _, span in word]


def number_weight(term: str, weights: Weights = WEIGHTS) -> float:
    """The factor of a term: `weights.number` if it has a digit, else 1."""
    return weights.number if has_digit(term) else 1.0


def has_digit(term: str) -> bool:
    """Whether a term has a digit."""
    return not term.isalpha() and any(char.isdigit() for char in term)
