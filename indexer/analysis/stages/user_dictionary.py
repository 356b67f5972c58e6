"""The words of the user dictionary, which replace whatever the tagger made of the same characters."""

from __future__ import annotations

import numpy as np

from indexer.analysis.lexeme import Emission, Lexeme, whole_emission
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.morphemes import Morphemes, tag_piece
from indexer.analysis.taggers import Tagger
from indexer.curation.dictionary import ANYWHERE_MIN_CHARS, Dictionary, DictionaryEntry


def apply_user_dictionary(
    dictionary: Dictionary, tagger: Tagger, text: str, morphemes: Morphemes, lexicon: Lexicon
) -> Morphemes:
    """Replace the morphemes that a word of the dictionary covers by that word.

    If a word covers only a part of a morpheme, the rest of it is tagged by itself.
    """
    pieces: list[Morphemes] = []
    done = 0  # rows that are in `pieces` or replaced
    done_end = 0  # where the last word ended
    for start, end, entry in dictionary.find(text):
        first = int(np.searchsorted(morphemes.starts, start, "right")) - 1
        last = int(np.searchsorted(morphemes.ends, end, "left"))
        if not _is_meant(text, start, end, entry, at_morpheme=morphemes.starts[first] == start):
            continue
        if first < done:  # the last word ended in this morpheme
            rest_start = done_end
        else:
            if done:
                pieces.append(tag_piece(text, done_end, int(morphemes.ends[done - 1]), tagger, lexicon))
            pieces.append(morphemes.rows(done, first))
            rest_start = int(morphemes.starts[first])
        pieces.append(tag_piece(text, rest_start, start, tagger, lexicon))
        pieces.append(Morphemes.one(lexicon.computed_id(read_user_word, entry), start, end))
        done, done_end = last + 1, end
    if not pieces:
        return morphemes
    pieces.append(tag_piece(text, done_end, int(morphemes.ends[done - 1]), tagger, lexicon))
    pieces.append(morphemes.rows(done, len(morphemes.lexemes)))
    return Morphemes.joined(pieces)


def read_user_word(entry: DictionaryEntry) -> Lexeme:
    """The lexeme of a word of the dictionary: the word, and its parts."""
    emissions = [whole_emission(entry.word, entry.tag, "user")]
    start = 0
    for position, part in enumerate(entry.parts):
        end = start + len(part)
        emissions.append(Emission(part, entry.tag, start, end, position, "user-part"))
        start = end
    return Lexeme(entry.word, entry.tag, tuple(emissions), len(entry.parts) or 1)


def _is_meant(text: str, start: int, end: int, entry: DictionaryEntry, *, at_morpheme: bool) -> bool:
    """Whether text[start:end], which spells a word of the dictionary, is that word. A short word has to begin
    where a morpheme does. A Latin word or number has to be a whole one of the text.
    """
    if not at_morpheme and len(entry.word) < ANYWHERE_MIN_CHARS:
        return False
    return not (
        (start > 0 and _are_one_token(text[start - 1], text[start]))
        or (end < len(text) and _are_one_token(text[end - 1], text[end]))
    )


def _are_one_token(a: str, b: str) -> bool:
    """Whether two neighbouring ASCII characters belong to one Latin word or number."""
    return a.isascii() and b.isascii() and ((a.isalpha() and b.isalpha()) or (a.isdigit() and b.isdigit()))
