"""The query language: what a person typed -> clauses, and back as a canonical string.

    창원 하노버          both words               제목:창원 부제: 본문:      in this field only
    창원 | 하노버, OR    either                   매체: 기자: 부서:          of this issuer, ...
    -창원, NOT 창원      without                  2023-04..2023-05           published then
    "산업 박람회"        exactly this run         이후:2023-04 이전:2023     since, until; inclusive
    창원*                beginning so

Nothing is a syntax error: what cannot be an operator is text, and `notes` say how it was read.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from indexer.analysis import find_patterns, is_letter_or_digit, letters_and_digits
from indexer.text.normalize import normalize

MAX_WORDS = 64

_FIELDS = {
    "제목": "title", "title": "title", "부제": "subtitle", "subtitle": "subtitle",
    "본문": "body", "body": "body",
}  # fmt: skip
_PROPERTIES = {
    "매체": "outlet", "outlet": "outlet", "기관": "outlet", "기자": "reporter", "reporter": "reporter",
    "부서": "department", "department": "department",
}  # fmt: skip
_SINCE, _UNTIL = frozenset(("이후", "after", "since")), frozenset(("이전", "before", "until"))
_KOREAN = {
    "title": "제목", "subtitle": "부제", "body": "본문", "outlet": "매체", "reporter": "기자",
    "department": "부서",
}  # fmt: skip
# Every form of an operator, full-width ones and printers' quotation marks among them, as its plain self.
_PLAIN = {"“": '"', "”": '"', "„": '"', "‟": '"', "〝": '"', "〞": '"', "−": "-", "–": "-", "‐": "-"}
# Printers' quotation marks, which open or close a phrase of their own kind.
_OPENING, _CLOSING = frozenset("“„‟〝"), frozenset("”〞")
_OPERATORS = frozenset('"|:*-')
_DATE = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?")
_TOKEN = re.compile(r'\s+|\||"|[^\s"|]+')


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found, in any text field or in one. `text` is as typed, `normal` what is compared."""

    text: str = field(compare=False)
    normal: str
    field: str = ""

    def __str__(self) -> str:
        return _prefixed(self.field, self.normal)


@dataclass(frozen=True, slots=True)
class Exact:
    """A run of letters and digits that stands exactly so, whatever the spaces."""

    text: str = field(compare=False)
    normal: str
    field: str = ""

    def __str__(self) -> str:
        return _prefixed(self.field, f'"{self.normal}"')


@dataclass(frozen=True, slots=True)
class Beginning:
    """A beginning of words, at least two letters or digits."""

    text: str = field(compare=False)
    normal: str
    field: str = ""

    def __str__(self) -> str:
        return _prefixed(self.field, f"{self.normal}*")


@dataclass(frozen=True, slots=True)
class Property:
    """A value of a facet: outlet, reporter or department."""

    facet: str
    value: str

    def __str__(self) -> str:
        simple = re.fullmatch(r'[^\s"|]+', self.value)
        return _prefixed(self.facet, self.value if simple else f'"{self.value}"')


@dataclass(frozen=True, slots=True)
class Dates:
    """Days, both inclusive, in Asia/Seoul; None does not bound, but one of them does."""

    first: date | None
    last: date | None

    def __str__(self) -> str:
        return f"{self.first or ''}..{self.last or ''}"


Atom = Word | Exact | Beginning | Property | Dates


@dataclass(frozen=True, slots=True)
class Clause:
    """Any of these has to be there; or none of them may, where `excluded`."""

    atoms: tuple[Atom, ...]
    excluded: bool = False

    def __str__(self) -> str:
        text = " | ".join(map(str, self.atoms))
        return f"-{text}" if self.excluded else text


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, as it was read: every clause has to hold. `notes` are for the person who typed it."""

    raw: str = field(compare=False)
    clauses: tuple[Clause, ...]
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """The canonical string: the same for every spelling that is read alike; read again it is the same."""
        return " ".join(map(str, self.clauses))

    def with_words(self, others: Mapping[str, str]) -> Query:
        """The same query with other words in the place of some, named by their normal form; several, with
        spaces between, stand for one that is alone in its clause.
        """

        def replaced(atom: Atom) -> Atom:
            if isinstance(atom, Word) and not atom.field and (other := others.get(atom.normal)):
                return Word(other, _trimmed(other))
            return atom

        clauses: list[Clause] = []
        for clause in self.clauses:
            atoms = tuple(map(replaced, clause.atoms))
            # Not by equality: a word is the same word whatever its spaces.
            if len(atoms) == 1 and atoms[0] is not clause.atoms[0] and isinstance(atoms[0], Word):
                words = (Word(word, _trimmed(word)) for word in atoms[0].text.split())
                clauses += [Clause((word,), clause.excluded) for word in words]
            else:
                clauses.append(Clause(atoms, clause.excluded))
        return self._made_of(clauses)

    def split_joined(self) -> Query:
        """The same query with each word that has marks inside as several: 창원,하노버 as 창원 하노버."""
        clauses: list[Clause] = []
        for clause in self.clauses:
            atom = clause.atoms[0]
            parts = _parts(atom.normal) if isinstance(atom, Word) and len(clause.atoms) == 1 else []
            if len(parts) > 1 and isinstance(atom, Word) and not clause.excluded:
                clauses += [Clause((Word(part, part, atom.field),)) for part in parts]
            else:
                clauses.append(clause)
        return self._made_of(list(dict.fromkeys(clauses)))

    def _made_of(self, clauses: Sequence[Clause]) -> Query:
        """The same query of other clauses; itself where these are more than a query may have."""
        return self if len(clauses) > MAX_WORDS else replace(self, clauses=tuple(clauses))

    @property
    def effective(self) -> str:
        """The words that are searched, as typed."""
        return " ".join(
            atom.text if isinstance(atom, Word | Exact | Beginning) else str(atom)
            for clause in self.clauses
            if not clause.excluded
            for atom in clause.atoms
        )


def parse_query(text: str) -> Query:
    """Read a query. Any text is one. Raises AnalysisError where it holds a lone surrogate."""
    return _Parser(text).parse()


@dataclass(slots=True)
class _Item:
    """An atom or an operator of the query, in order. `text` is what it is where it cannot be one."""

    atom: Atom | None = None
    operator: str = ""
    text: str = ""


class _Parser:
    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._notes: dict[str, None] = {}

    def parse(self) -> Query:
        items = list(self._items())
        clauses: list[Clause] = []
        for words, (atom, excluded, joined) in enumerate(self._combine(items)):
            if words == MAX_WORDS:
                self._note(f"낱말 {MAX_WORDS}개까지만 찾았습니다.")
                break
            if joined and clauses and not clauses[-1].excluded:
                if atom not in clauses[-1].atoms:
                    clauses[-1] = Clause((*clauses[-1].atoms, atom))
            else:
                clauses.append(Clause((atom,), excluded))
        return Query(self._raw, tuple(dict.fromkeys(clauses)), tuple(self._notes))

    def _note(self, text: str) -> None:
        self._notes[text] = None

    def _items(self) -> Iterator[_Item]:
        """What is typed, piece by piece."""
        text = _plain_operators(self._raw)
        pieces = [(match.group(), match.start()) for match in _TOKEN.finditer(text)]
        number = 0
        while number < len(pieces):
            piece, start = pieces[number]
            number += 1
            if piece.isspace():
                continue
            if piece == "|":
                yield _Item(operator="OR")
                continue
            if piece == '"':
                closing = self._closing(pieces, number - 1)
                if closing is None:
                    self._note("짝이 없는 따옴표는 빼고 읽었습니다.")
                    continue
                inner = text[start + 1 : pieces[closing][1]]
                number = closing + 1
                yield from self._quoted("", inner)
                continue
            if piece in ("OR", "AND", "NOT"):
                yield _Item(operator=piece, text=piece)
                continue
            stripped = piece.lstrip("-")
            if stripped != piece:
                if stripped or (number < len(pieces) and pieces[number][0] == '"'):
                    yield _Item(operator="NOT")
                piece = stripped
            if not piece:
                continue
            name, colon, rest = piece.partition(":")
            if colon and not rest and number < len(pieces) and pieces[number][0] == '"' and _is_name(name):
                closing = self._closing(pieces, number)
                if closing is not None:
                    inner = text[pieces[number][1] + 1 : pieces[closing][1]]
                    number = closing + 1
                    yield from self._quoted(name, inner)
                    continue
            yield from self._word(piece)

    def _closing(self, pieces: list[tuple[str, int]], opening: int) -> int | None:
        """The piece that closes the phrase which piece `opening` opens. A pasted text may hold phrases of its
        own: those in other marks are text, those in the same are passed over.
        """
        marks = [place for place in range(opening + 1, len(pieces)) if pieces[place][0] == '"']
        printed = self._raw[pieces[opening][1]] in _OPENING
        depth = 1
        for place in marks:
            start = pieces[place][1]
            mark = self._raw[start]
            if printed != (mark in _OPENING | _CLOSING):
                continue
            opens = mark in _OPENING if printed else self._opens(start)
            depth += 1 if opens else -1
            if not depth:
                return place
        return marks[0] if marks else None

    def _opens(self, start: int) -> bool:
        """Whether a plain quotation mark stands where a phrase begins: behind a space, before none."""
        return self._raw[start - 1].isspace() and bool(self._raw[start + 1 : start + 2].strip())

    def _quoted(self, name: str, inner: str) -> Iterator[_Item]:
        if facet := _PROPERTIES.get(_key(name)):
            if value := _value(inner):
                yield _Item(Property(facet, value))
            return
        if normal := _squeezed(inner):
            yield _Item(Exact(inner, normal, _FIELDS.get(_key(name), "")))

    def _word(self, piece: str) -> Iterator[_Item]:
        name, colon, rest = piece.partition(":")
        key = _key(name)
        if colon and rest:
            if facet := _PROPERTIES.get(key):
                if value := _value(rest):
                    yield _Item(Property(facet, value))
                return
            if key in _SINCE | _UNTIL:
                if days := _days(rest):
                    yield _Item(Dates(days[0], None) if key in _SINCE else Dates(None, days[1]))
                    return
                self._note(f"‘{piece}’의 날짜를 알 수 없어 글로 읽었습니다. {name}:2023-04-25처럼 적습니다.")
            if known := _FIELDS.get(key):
                yield from self._text(rest, known)
                return
        elif dates := _range(piece):
            yield _Item(dates)
            return
        yield from self._text(piece, "")

    def _text(self, piece: str, field_name: str) -> Iterator[_Item]:
        bare = piece.rstrip("*")
        normal = _trimmed(bare)
        if not normal:
            return
        if not field_name and normal != piece and _is_special(normal):
            # What is left without the signs around it is more than a word: (제목:창원)
            yield from self._word(normal)
            return
        if bare != piece:
            run, breaks = letters_and_digits(normal)
            if not breaks and len(run) >= 2:
                yield _Item(Beginning(bare, normal, field_name))
                return
            self._note("*는 두 글자 이상의 낱말 뒤에서만 씁니다.")
        yield _Item(Word(bare, normal, field_name))

    def _combine(self, items: list[_Item]) -> Iterator[tuple[Atom, bool, bool]]:
        """Each atom, whether it is excluded, and whether it is an alternative to the one before."""
        joined = excluded = False
        before = False  # whether an atom that can have an alternative stands before
        for number, item in enumerate(items):
            following = items[number + 1] if number + 1 < len(items) else None
            if item.atom is not None:
                yield item.atom, excluded, joined and not excluded
                before = not excluded
                joined = excluded = False
                continue
            operand = following is not None and (following.atom is not None or following.operator == "NOT")
            if item.operator == "NOT" and following is not None and following.atom is not None:
                excluded = True
            elif item.operator == "OR" and before and following is not None and following.atom is not None:
                joined = True
            elif item.operator == "AND" and before and operand:
                pass  # that is what a space means
            elif item.text:
                self._note(f"‘{item.text}’를 글로 읽었습니다.")
                yield Word(item.text, _trimmed(item.text)), excluded, joined and not excluded
                before = not excluded
                joined = excluded = False


def _plain_operators(text: str) -> str:
    """The text with its operators in their plain form; every character stays where it is."""
    return "".join(map(_plain_operator, text))


def _plain_operator(char: str) -> str:
    plain = _PLAIN.get(char) or unicodedata.normalize("NFKC", char)
    return plain if plain in _OPERATORS else char


def _is_name(name: str) -> bool:
    return _key(name) in _FIELDS or _key(name) in _PROPERTIES


def _is_special(normal: str) -> bool:
    name, colon, _ = normal.partition(":")
    return (bool(colon) and (_is_name(name) or _key(name) in _SINCE | _UNTIL)) or _range(normal) is not None


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _prefixed(field_name: str, text: str) -> str:
    return f"{_KOREAN[field_name]}:{text}" if field_name else text


def _normal(text: str) -> str:
    """The normal form, which may bring white space and operators of its own: they are taken out."""
    return "".join(" " if char in '"|' else char for char in _plain_operators(normalize(text).text))


def _trimmed(text: str) -> str:
    """A word in normal form, from its first letter or digit to its last; '' where it has none. The marks of
    companies are words: ㈜ is (주), not 주.
    """
    normal = "".join(_normal(text).split())
    places = [place for place, char in enumerate(normal) if is_letter_or_digit(char)]
    for start, end, kind in find_patterns(normal):
        if kind == "company":
            places += [start, end - 1]
    return normal[min(places) : max(places) + 1] if places else ""


def _parts(normal: str) -> list[str]:
    """What a word is joined of by marks, but for those inside a number."""
    pieces: list[str] = [""]
    for place, char in enumerate(normal):
        inside = 0 < place < len(normal) - 1 and normal[place - 1].isdigit() and normal[place + 1].isdigit()
        if is_letter_or_digit(char) or inside:
            pieces[-1] += char
        elif pieces[-1]:
            pieces.append("")
    return [piece for piece in pieces if piece]


def _squeezed(text: str) -> str:
    """Quoted words in normal form, single spaces between them; '' without a letter or digit."""
    normal = " ".join(_normal(text).split())
    return normal if any(map(is_letter_or_digit, normal)) else ""


def _value(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace('"', " ").split())


def _days(text: str) -> tuple[date, date] | None:
    """The first and last day of a year, month or day; None where it is none."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except (ValueError, calendar.IllegalMonthError):
        return None


def _range(piece: str) -> Dates | None:
    first, dots, last = piece.partition("..")
    if not dots or not (first or last):
        return None
    begins, ends = _days(first) if first else None, _days(last) if last else None
    if (first and begins is None) or (last and ends is None):
        return None
    earliest, latest = begins[0] if begins else None, ends[1] if ends else None
    if earliest and latest and earliest > latest:
        assert begins is not None
        assert ends is not None
        earliest, latest = ends[0], begins[1]
    return Dates(earliest, latest)
