"""The rows of what a portal exports, whatever format it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice

from indexer.sources.problems import ContentError

# As a line of JSON Lines may have bytes (`json_lines.MAX_LINE_BYTES`); a cell of Excel has 32,767 characters.
MAX_ROW_CHARS = 20_000_000
# A choice: titles, notes and merged cells above a header take a few rows.
HEADER_SEARCHED_ROWS = 20
_LARGEST_PLAIN = 10**18
_MANY_CELLS_HINT = "쉼표나 줄바꿈이 든 칸을 큰따옴표로 감싸고, 그 안의 큰따옴표는 두 번 쓰세요."

# Whether a row with these cells is a header; it has a column for the title.
IsHeader = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header. `number` is what a spreadsheet shows beside it (the first row is 1); in JSON
    the place in the list. `names` are those of the columns, as long as `values` or longer.
    """

    number: int
    names: tuple[str, ...]
    values: tuple[object, ...]


# A row, or why one could not be read: `line` is its number.
RowOrError = Row | ContentError
# The number and the cells of a row of a table, its header among them.
Cells = tuple[int, Sequence[object]]


class NoHeaderError(Exception):
    """No row has a column for the title; `names` are the columns that are there."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self.names = tuple(names)


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_of_number(number: float | Decimal) -> str:
    """A number as a person writes it: 12 and not 12.0."""
    # A number with an exponent of a million has as many digits.
    is_plain = -_LARGEST_PLAIN < number < _LARGEST_PLAIN
    return str(int(number)) if is_plain and number == int(number) else str(number)


def rows_of_table(
    table: Iterable[Cells | ContentError], is_header: IsHeader, *, refuse_extra_cells: bool = False
) -> Iterator[RowOrError]:
    """The rows below the header of a table, without blank ones; the header is among the first of these.

    A blank cell of the header takes the name above it: merged cells have their text in the uppermost. Values
    in columns without a header are left out, or refused. Raises NoHeaderError.
    """
    filled = (item for item in table if isinstance(item, ContentError) or not all(map(is_blank, item[1])))
    head = list(islice(filled, HEADER_SEARCHED_ROWS))
    texts = [() if isinstance(item, ContentError) else _texts(item[1]) for item in head]
    place = next((place for place, cells in enumerate(texts) if is_header(cells)), None)
    if place is None:
        raise NoHeaderError(max(texts, key=lambda cells: len(cells) - cells.count(""), default=()))
    names = texts[place]
    if place and _are_neighbours(head[place - 1], head[place]):
        names = _with_names_above(names, texts[place - 1])
    width = len(names)
    for item in chain(head[place + 1 :], filled):
        if isinstance(item, ContentError):
            yield item
            continue
        number, values = item
        if len(values) > width:
            if refuse_extra_cells and not all(map(is_blank, values[width:])):
                message = f"칸이 {len(values)}개로 머리글({width}개)보다 많습니다."
                yield ContentError(message, _MANY_CELLS_HINT, number)
                continue
            values = values[:width]
        yield Row(number, names, tuple(values))


def _texts(cells: Sequence[object]) -> tuple[str, ...]:
    texts = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _are_neighbours(above: Cells | ContentError, header: Cells | ContentError) -> bool:
    return (
        not isinstance(above, ContentError)
        and not isinstance(header, ContentError)
        and above[0] + 1 == header[0]
    )


def _with_names_above(names: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, ...]:
    width = max(len(names), len(above))
    padded = (*names, *[""] * (width - len(names)))
    return tuple(name or (above[place] if place < len(above) else "") for place, name in enumerate(padded))
