"""What a person may be about to type, or may have meant: phrases of the releases, never others.

Phrases are compared by the keys that type them (`analysis.keyboard`), which makes of half a syllable,
a keyboard switched the wrong way and a slip of one letter the same simple thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Literal

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

MAX_SUGGESTIONS = 10
MAX_TYPED_CHARS = 100
# Words of fewer keys have too many neighbours for one to be meant.
MIN_CORRECTED_KEYS = 4
# The longest phrases have so many, at three a syllable; longer words are slips of none, and a slip is as long
# as its word, so that all together they are quadratic.
MAX_CORRECTED_KEYS = 3 * MAX_CHARS
# Words of so many keys may have two slips, if their first half has none.
_TWO_SLIPS_KEYS = 9
_LOOKED_AT = 200
# Each is a search, and a person waits.
_MEANT_WORDS, _MEANT_HEADS = 3, 4
# What an operator of a query begins or ends with.
_MARKS = re.compile(r'["“”„‟〝〞|:*−–‐-]')
_LETTERS = "qwertyuiopasdfghjklzxcvbnmQWERTOP"

Kind = Literal["completion", "initials", "keyboard", "spelling"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query to offer. `count` is how many releases have the phrase that completes it."""

    text: str
    kind: Kind
    count: int


def suggest(
    dictionary: PhraseDictionary, typed: str, limit: int, has_releases: Callable[[str], bool]
) -> list[Suggestion]:
    """Completions of what is typed so far: of all of it, then of its last word; where there are none, what
    it may be a slip of. `has_releases` says whether a query finds any: none is offered that does not.
    """
    text = typed.strip()
    if not text:
        return []
    head, _, last = text.rpartition(" ")
    head = f"{head} " if head else ""
    found: dict[str, Suggestion] = {}

    def offer(before: str, phrases: dict[str, int], kind: Kind) -> bool:
        offered = False
        for phrase, count in phrases.items():
            query = before + phrase
            # A phrase is in a release; that may be another one than that of the words before it, and a mark
            # in a title may mean something else in a query.
            sure = not before and not _MARKS.search(phrase)
            if len(found) < limit and query != text and (sure or has_releases(query)):
                found.setdefault(query, Suggestion(query, kind, count))
                offered = True
        return offered

    offer("", *_complete(dictionary, text, limit))
    if head:
        phrases, kind = _complete(dictionary, last, limit)
        any(offer(f"{before} ", phrases, kind) for before in _heads(dictionary, head.split(), has_releases))
    if not found and not dictionary.phrases_with_keys(possible_keystrokes(last)):
        offer(head, dict(_near(dictionary, last)[:limit]), "spelling")
    return list(found.values())


def _heads(
    dictionary: PhraseDictionary, words: list[str], has_releases: Callable[[str], bool]
) -> Iterator[str]:
    """The words before the last as they are typed, then with those that no release has as what they may have
    been meant as.
    """
    yield " ".join(words)
    meant = [
        [word] if _MARKS.search(word) or has_releases(word) else corrections(dictionary, word)[:_MEANT_WORDS]
        for word in words
    ]
    yield from islice(map(" ".join, product(*meant)), _MEANT_HEADS)


def _complete(dictionary: PhraseDictionary, text: str, limit: int) -> tuple[dict[str, int], Kind]:
    letters = "".join(text.split())
    for initials in read_initials(letters):
        if len(initials) > 1 and (found := dictionary.complete_initials(initials, limit)):
            return found, "initials"
    phrases: dict[str, int] = {}
    for keys in possible_keystrokes(text):
        phrases = phrases or dictionary.complete(keys, 2 * limit)
    # With the keyboard switched the wrong way another script begins with the same keys.
    latin = _is_latin(letters[0])
    same = {phrase: count for phrase, count in phrases.items() if _is_latin(phrase[0]) == latin}
    if same:
        return dict(list(same.items())[:limit]), "completion"
    return dict(list(phrases.items())[:limit]), "keyboard"


def corrections(dictionary: PhraseDictionary, word: str) -> list[str]:
    """What a word that no release has may have been meant as, the likeliest first. `word` is as typed: with
    the keyboard switched the wrong way its capitals are other letters.
    """
    typed = possible_keystrokes(word)
    switched: tuple[str, ...] = ()
    if word.isascii() and word.isalpha():
        switched = tuple(dict.fromkeys(map(type_hangul, (word, word.lower()))))
    elif typed[-1].isascii() and typed[-1].isalpha() and any("ㄱ" <= char <= "ㅣ" for char in word):
        switched = typed[-1:]
    if initials := [own for own in read_initials(word) if len(own) > 1]:
        phrases = (phrase for own in initials for phrase in dictionary.complete_initials(own, _LOOKED_AT))
        return [phrase for phrase in phrases if initials_of(phrase) in initials][:MAX_SUGGESTIONS]
    same = [phrase for keys in typed for phrase in dictionary.phrases_with_keys([keys]) if phrase != word]
    shifted = switched[:1] if len(typed) > 1 else ()
    return list(
        dict.fromkeys([*shifted, *same, *switched, *(phrase for phrase, _ in _near(dictionary, word))])
    )


def _near(dictionary: PhraseDictionary, word: str) -> list[tuple[str, int]]:
    """Phrases one slip away (a letter wrong, missing, too many, or two exchanged), the most frequent first;
    of a long word those two slips away whose first half is right.
    """
    keys = to_keystrokes(word)
    if not MIN_CORRECTED_KEYS <= len(keys) <= MAX_CORRECTED_KEYS:
        return []
    found = dictionary.phrases_with_keys(list(_slips(keys)))
    if not found and len(keys) >= _TWO_SLIPS_KEYS:
        half = dictionary.complete(keys[: len(keys) // 2], _LOOKED_AT)
        found = {
            phrase: count
            for phrase, count in half.items()
            if DamerauLevenshtein.distance(keys, to_keystrokes(phrase), score_cutoff=2) <= 2
        }
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _slips(keys: str) -> Iterable[str]:
    """All keys one slip away (Norvig, How to Write a Spelling Corrector, 2007)."""
    slips: dict[str, None] = {}
    for place in range(len(keys) + 1):
        before, behind = keys[:place], keys[place:]
        if behind:
            slips[before + behind[1:]] = None
            slips.update((before + letter + behind[1:], None) for letter in _LETTERS)
        if len(behind) > 1:
            slips[before + behind[1] + behind[0] + behind[2:]] = None
        slips.update((before + letter + behind, None) for letter in _LETTERS)
    slips.pop(keys, None)
    return slips


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
