"""Suggestions for what a person types, and corrections; only phrases that the releases have.

Phrases are compared by their keystrokes (`analysis.keyboard`). So half a syllable, a keyboard in the wrong
mode and a slip of one letter are all differences of a few keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product

from rapidfuzz.distance import DamerauLevenshtein

from indexer.analysis.keyboard import (
    initials_of,
    possible_keystrokes,
    read_initials,
    to_keystrokes,
    type_hangul,
)
from indexer.analysis.noun_phrases import MAX_CHARS
from indexer.engine import PhraseDictionary
from indexer.search.response import Suggestion, SuggestionKind

MAX_SUGGESTIONS = 10
MAX_TYPED_CHARS = 100
# A choice: shorter words have too many neighbours to know which one was meant.
MIN_CORRECTED_KEYS = 4
# The keystrokes of the longest phrases, with three for a syllable. Longer words cannot be slips of a phrase,
# and the size of all slips of a word grows with the square of its length.
MAX_CORRECTED_KEYS = 3 * MAX_CHARS
# A choice: words of at least so many keys may have two slips, if their first half has none.
_TWO_SLIPS_KEYS = 9
# A choice: how many phrases with the same beginning are compared with a word.
_MAX_CANDIDATES = 200
# Choices, since each is a search and a person waits: how many corrections of each word before the last are
# tried, and how many combinations of them.
_MAX_WORD_CORRECTIONS, _MAX_HEADS = 3, 4
# What an operator of a query begins or ends with.
_OPERATOR_MARKS = re.compile(r'["“”„‟〝〞|:*−–‐-]')
# The keys that type letters of Hangul: all of them, and those with another letter when shifted.
_LETTER_KEYS = "qwertyuiopasdfghjklzxcvbnmQWERTOP"


def suggest(
    dictionary: PhraseDictionary, typed: str, limit: int, has_releases: Callable[[str], bool]
) -> list[Suggestion]:
    """At most `limit` queries to offer for what was typed so far.

    First come completions of the whole text, then of its last word. If there are none and the last word is
    no phrase, its corrections follow. Only queries that match a release are offered; `has_releases` says
    whether one does.
    """
    text = typed.strip()
    if not text:
        return []
    head, _, last = text.rpartition(" ")
    head = f"{head} " if head else ""
    suggestions: dict[str, Suggestion] = {}

    def offer(before: str, phrases: dict[str, int], kind: SuggestionKind) -> bool:
        offered = False
        for phrase, count in phrases.items():
            query = before + phrase
            # Some release has the phrase, but perhaps not the words before it; and a mark of a title may be
            # an operator in a query.
            is_sure = not before and not _OPERATOR_MARKS.search(phrase)
            if len(suggestions) < limit and query != text and (is_sure or has_releases(query)):
                suggestions.setdefault(query, Suggestion(query, kind, count))
                offered = True
        return offered

    offer("", *_complete(dictionary, text, limit))
    if head:
        phrases, kind = _complete(dictionary, last, limit)
        any(offer(f"{before} ", phrases, kind) for before in _heads(dictionary, head.split(), has_releases))
    if not suggestions and not dictionary.phrases_with_keys(possible_keystrokes(last)):
        offer(head, dict(_near(dictionary, last)[:limit]), "spelling")
    return list(suggestions.values())


def _heads(
    dictionary: PhraseDictionary, words: list[str], has_releases: Callable[[str], bool]
) -> Iterator[str]:
    """The words before the last: as typed, then with corrections of those that no release has."""
    yield " ".join(words)
    choices = [
        [word]
        if _OPERATOR_MARKS.search(word) or has_releases(word)
        else corrections(dictionary, word)[:_MAX_WORD_CORRECTIONS]
        for word in words
    ]
    yield from islice(map(" ".join, product(*choices)), _MAX_HEADS)


def _complete(dictionary: PhraseDictionary, text: str, limit: int) -> tuple[dict[str, int], SuggestionKind]:
    letters = "".join(text.split())
    for initials in read_initials(letters):
        if len(initials) > 1 and (by_initials := dictionary.complete_initials(initials, limit)):
            return by_initials, "initials"
    phrases: dict[str, int] = {}
    for keys in possible_keystrokes(text):
        phrases = phrases or dictionary.complete(keys, 2 * limit)
    # A phrase in the other script was typed with the keyboard in the wrong mode.
    is_latin = _is_latin(letters[0])
    same_script = {phrase: count for phrase, count in phrases.items() if _is_latin(phrase[0]) == is_latin}
    if same_script:
        return dict(list(same_script.items())[:limit]), "completion"
    return dict(list(phrases.items())[:limit]), "keyboard"


def corrections(dictionary: PhraseDictionary, word: str) -> list[str]:
    """What a person may have meant by a word that no release has, the likeliest first. `word` is as typed,
    with its capitals: in the wrong mode of the keyboard they are other letters.
    """
    typed = possible_keystrokes(word)
    switched: tuple[str, ...] = ()
    if word.isascii() and word.isalpha():
        switched = tuple(dict.fromkeys(map(type_hangul, (word, word.lower()))))
    elif typed[-1].isascii() and typed[-1].isalpha() and any("ㄱ" <= char <= "ㅣ" for char in word):
        switched = typed[-1:]
    if initials := [reading for reading in read_initials(word) if len(reading) > 1]:
        phrases = (
            phrase
            for reading in initials
            for phrase in dictionary.complete_initials(reading, _MAX_CANDIDATES)
        )
        return [phrase for phrase in phrases if initials_of(phrase) in initials][:MAX_SUGGESTIONS]
    same_keys = [
        phrase for keys in typed for phrase in dictionary.phrases_with_keys([keys]) if phrase != word
    ]
    shifted = switched[:1] if len(typed) > 1 else ()
    near = (phrase for phrase, _ in _near(dictionary, word))
    return list(dict.fromkeys([*shifted, *same_keys, *switched, *near]))


def _near(dictionary: PhraseDictionary, word: str) -> list[tuple[str, int]]:
    """Phrases one slip away (a key wrong, missing, too many, or two exchanged) with how many releases have
    each, the most frequent first. If a long word has none: phrases up to two slips away with the same first
    half.
    """
    keys = to_keystrokes(word)
    if not MIN_CORRECTED_KEYS <= len(keys) <= MAX_CORRECTED_KEYS:
        return []
    near = dictionary.phrases_with_keys(list(_slips(keys)))
    if not near and len(keys) >= _TWO_SLIPS_KEYS:
        candidates = dictionary.complete(keys[: len(keys) // 2], _MAX_CANDIDATES)
        near = {
            phrase: count
            for phrase, count in candidates.items()
            if DamerauLevenshtein.distance(keys, to_keystrokes(phrase), score_cutoff=2) <= 2
        }
    return sorted(near.items(), key=lambda item: (-item[1], item[0]))


def _slips(keys: str) -> Iterable[str]:
    """All keystrokes one slip away (Norvig, How to Write a Spelling Corrector, 2007)."""
    slips: dict[str, None] = {}
    for index in range(len(keys) + 1):
        before, behind = keys[:index], keys[index:]
        if behind:
            slips[before + behind[1:]] = None
            slips.update((before + key + behind[1:], None) for key in _LETTER_KEYS)
        if len(behind) > 1:
            slips[before + behind[1] + behind[0] + behind[2:]] = None
        slips.update((before + key + behind, None) for key in _LETTER_KEYS)
    slips.pop(keys, None)
    return slips


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
