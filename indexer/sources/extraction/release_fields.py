"""Fields that a release states in its text, in the layouts that Korean government releases use.

Lines come from any format; the cells of a table row are joined by " | ". Only what is stated plainly is
taken: an empty field is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

from indexer.sources.extraction.line_search import quote
from indexer.sources.extraction.release_contacts import find_department_and_contacts
from indexer.sources.extraction.release_times import find_times
from indexer.sources.formats.document import Field, FieldValue
from indexer.sources.recognizers.issuer import issuer_of_lead
from indexer.text.unicode import nfc

_FIELDS: tuple[Field, ...] = ("published", "embargo", "outlet", "department", "contact")
_LEAD_LINES = 25
_ODD_SPACE = re.compile(r"[\t\x0b-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def find_fields(
    lines: Iterable[str], wanted: Collection[Field] = _FIELDS, near: date | None = None
) -> list[FieldValue]:
    """The `wanted` fields among published, embargo, outlet, department and contact that `lines` state.

    Each field comes at most once. `parse_time` reads the times among the values. `near` is the day of
    publication, where it is known from elsewhere (see `find_times`).
    """
    text = _normalize(lines)
    normalized = text.split("\n") if text else []
    fields = [*find_times(normalized, text, wanted, near), *find_department_and_contacts(normalized, text)]
    # The issuer is also looked for where the department may begin with its name, which is then left out.
    if "outlet" in wanted or any(item.field == "department" and " " in item.value for item in fields):
        issuer = _issuer(normalized)
        if issuer is not None:
            fields = [item for item in fields if item.field != "outlet"] + [issuer]
    outlet = next((item.value for item in fields if item.field == "outlet"), "")
    fields = [_without_outlet(item, outlet) if item.field == "department" else item for item in fields]
    return [item for item in fields if item.field in wanted]


def _normalize(lines: Iterable[str]) -> str:
    """The lines that are not blank, in NFC, with single spaces, joined by line feeds."""
    text = "\n".join(filter(None, map(str.strip, lines)))
    # Far cheaper than splitting every line at its white space.
    text = _ODD_SPACE.sub(" ", nfc(text))
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _issuer(lines: list[str]) -> FieldValue | None:
    """The body that the lead names with its head."""
    for line in lines[:_LEAD_LINES]:
        if issuer := issuer_of_lead(line):
            return FieldValue("outlet", issuer, quote(line))
    return None


def _without_outlet(department: FieldValue, outlet: str) -> FieldValue:
    first, _, rest = department.value.partition(" ")
    return FieldValue("department", rest, department.origin) if rest and first == outlet else department
