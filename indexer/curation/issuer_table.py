"""The bodies that issue press releases, under their names old and new: a table shipped with bodo."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexer.curation.issuer_bodies import Body, HeldName, read_bodies

_TABLE = Path(__file__).with_name("issuer_table.toml")

# A label is a name; what is longer is a text, and is not looked at. The longest label of korea.kr has 20
# characters, and one with a department and a person behind some 60.
MAX_LABEL_CHARS = 300
# Names have up to four words (진실·화해를 위한 과거사정리위원회); more are a department and who works there.
_MAX_NAME_WORDS = 8
# With words behind it a shorter name may mean a place (경남·부산) and not the one who speaks.
_SHORTEST_WITH_WORDS_BEHIND = 3
# The seat of a local government stands for it: 창원시청, 경남도청.
_SEAT = "청"
# What works in a place by itself, and not for the local government in front: 경기도 교육청, 창원시 의회.
_OTHERS_OF_THE_PLACE = ("의회", "교육청", "교육지원청", "경찰청", "경찰서", "선거관리위원회")

_WORD = re.compile(r"[^\W_]+")
# Dots between words that Unicode counts as letters.
_LETTER_DOTS = str.maketrans("ㆍᆞ", "  ")

# Whom a spelling names, and under which of its names.
Meaning = tuple[Body, HeldName]


@dataclass(frozen=True, slots=True)
class IssuerName:
    """An issuer: `name` as the body was called, `body` what it is called today; both official and in full.
    `merged`: the bodies on the way from the one to the other that became parts of larger ones, oldest first.
    """

    name: str
    body: str
    merged: tuple[str, ...] = ()


class IssuerTable:
    """Bodies by their names, abbreviations and former names. A spelling that two of them share finds none."""

    def __init__(self, bodies: Iterable[Body]) -> None:
        self.bodies = tuple(bodies)
        self._by_name = {body.name: body for body in self.bodies}
        self._predecessors: dict[str, list[Body]] = {}
        for body in self.bodies:
            for successor in body.successors:
                self._predecessors.setdefault(successor, []).append(body)
        self._official = _by_spelling(
            (spelling, body, held)
            for body in self.bodies
            for held in body.names
            for spelling in (*held.spellings, *held.also)
        )
        self._labels = _by_spelling(
            (label, body, body.names[-1]) for body in self.bodies for label in body.labels
        )

    def find(self, label: str) -> IssuerName | None:
        """Who the label of a release means: an official name, an abbreviation or a former name, spaces, dots
        and brackets aside, alone or with a department or other bodies behind. Of several names that the label
        begins with it is the longest that ends where a word does. None where no body, or more than one, has
        this name.
        """
        words = _words(label)[:_MAX_NAME_WORDS]
        for count in range(len(words), 0, -1):
            found = self._named_by(_key(words[:count]), is_whole=count == len(words))
            if found:
                body, held = found
                behind = words[count] if count < len(words) else ""
                if body.is_local and behind.startswith(_OTHERS_OF_THE_PLACE):
                    return None
                way = self._way(body)
                return IssuerName(held.name, way[-1].name, tuple(one.name for one in way if one.is_merged))
        return None

    def is_label(self, text: str) -> bool:
        """Whether this spelling names a body only as a label, as 경기 does: a word of a query may mean
        something else.
        """
        return _key(_words(text)) in self._labels

    def related_names(self, name: str) -> tuple[str, ...]:
        """What to search for besides, for a word that is the name of an issuer: the other names and
        abbreviations of its body, newest first, and those of its successors and predecessors, never of
        another part of a body that was split. Nothing where the word is no such name.
        """
        key = _key(_words(name))
        found = self._official.get(key)
        if found is None:
            return ()
        body = found[0]
        related = (*reversed(body.names), *self._later(body), *self._earlier(body))
        spellings = dict.fromkeys(spelling for held in related for spelling in held.spellings)
        return tuple(spelling for spelling in spellings if _key(_words(spelling)) != key)

    def _named_by(self, key: str, *, is_whole: bool) -> Meaning | None:
        """Whom this beginning of a label names, with words behind it or, where it `is_whole`, without."""
        if is_whole and key in self._labels:
            return self._labels[key]
        if not is_whole and len(key) < _SHORTEST_WITH_WORDS_BEHIND:
            return None
        found = self._official.get(key)
        if found is None and key.endswith(_SEAT):
            at_seat = self._official.get(key.removesuffix(_SEAT))
            return at_seat if at_seat and at_seat[0].is_local else None
        return found

    def _way(self, body: Body) -> list[Body]:
        """The body, and who has had its releases since, up to today."""
        way = [body]
        while way[-1].successors:
            way.append(self._by_name[way[-1].successors[0]])
        return way

    def _later(self, body: Body) -> Iterator[HeldName]:
        """The names of what came of this body, from its end on."""
        for name in body.successors:
            assert body.until is not None
            successor = self._by_name[name]
            yield from reversed([*successor.names_after(body.until)])
            yield from self._later(successor)

    def _earlier(self, body: Body) -> Iterator[HeldName]:
        """The names of the bodies that this one came from."""
        for former in self._predecessors.get(body.name, ()):
            yield from reversed(former.names)
            yield from self._earlier(former)


@cache
def load_issuer_table() -> IssuerTable:
    """The table that is shipped. It is read when it is first asked for."""
    return IssuerTable(read_bodies(_TABLE.read_text("utf-8")))


def _by_spelling(meanings: Iterable[tuple[str, Body, HeldName]]) -> dict[str, Meaning]:
    """What each spelling means, without its spaces and dots: the last name of the body that has it; nothing
    where two bodies have it.
    """
    known: dict[str, Meaning] = {}
    shared = set()
    for spelling, body, held in meanings:
        key = _key(_words(spelling))
        if key in known and known[key][0] is not body:
            shared.add(key)
        known[key] = body, held
    return {key: meaning for key, meaning in known.items() if key not in shared}


def _words(text: str) -> list[str]:
    """The words of a label; none of a text that is too long to be one."""
    if len(text) > MAX_LABEL_CHARS:
        return []
    return _WORD.findall(unicodedata.normalize("NFKC", text.translate(_LETTER_DOTS)))


def _key(words: Iterable[str]) -> str:
    return "".join(words)
