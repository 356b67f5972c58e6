"""The department and the contacts that a release states, by their labels or in the sentence that ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.sources.extraction.line_search import matching_lines, quote
from indexer.sources.formats.document import FieldValue
from indexer.sources.recognizers.contacts import (
    CONTACT_LABEL,
    HAS_PHONE,
    PHONE,
    Contact,
    find_contacts,
    is_organisation,
)
from indexer.sources.recognizers.issuer import is_central_body

_LABEL_GAP_LINES = 7
_LONGEST_CONTACT_CHARS, _LONGEST_LABELLED_CHARS = 150, 600
_LONGEST_DEPARTMENT_CHARS = 40
_MOST_CONTACTS = 6
_CONTACTS_WITH_OFFICE = 2

_DEPARTMENT = re.compile(
    r"(?:^|[|/(\[<〈▣■□◇◈*※\s])(?:담\s?당\s?부\s?서|담\s?당\s?과|소\s?관\s?부\s?서|제\s?공\s?부\s?서|작\s?성\s?부\s?서"
    r"|담\s?당\s?기\s?관|자\s?료\s?제\s?공)(?![가-힣])\s?(?:명\s?)?"
    r"(?:[<(][^<>()]{1,20}[>)]\s?)?[|:：)\]>]*\s?(?P<value>.*)$"
)
_DEPARTMENT_END = re.compile(
    rf"(?<!\s)\s*(?:\||책\s?임\s?자|담\s?당\s?자|연\s?락\s?처|전\s?화|문\s?의|과\s장|[☎☏]|\(?T[.)E]|{PHONE}|[(<]\s?$)"
)
# "(사업기간/담당부서) 2022년 4월~ / 국토정보정책과": the value is that of another label.
_PERIOD = re.compile(r"\d\s?[년월]|[~∼]")
_TELLS_WHOM_TO_ASK = re.compile(
    rf"(?:보도\s?(?:참고|설명|해명)?\s?자료|취재|자세한|궁금).{{0,120}}?{PHONE}.{{0,40}}?(?:연락|문의)", re.S
)
# What every label of a department or contact holds. Searching the whole text for these first leaves few lines
# to look at; patterns that begin with a letter are searched faster than one with a choice.
_LABEL_HINTS = tuple(
    re.compile(" ?".join(label))
    for label in (
        "담당", "책임자", "문의", "연락처", "작성자", "소관부서", "제공부서", "작성부서", "자료제공",
    )
)  # fmt: skip
_ASKING_HINTS = (re.compile(r"보 *도 *(?:참고|설명|해명)? *자 *료"),)
# Endings of bodies that have offices below them.
_BODY_ENDINGS = ("국", "관", "실", "원", "학교", "본부")
_VALUE_EDGE = " |:()<>-"


def find_department_and_contacts(lines: list[str], text: str) -> Iterator[FieldValue]:
    """Contact and department that `lines` state; `text` is the lines joined.

    The outlet too, where the name of the department begins with a central body.
    """
    labelled = matching_lines(_LABEL_HINTS, text)
    named = _named_department(lines, labelled)
    contacts, origin = _find_contacts(lines, labelled, text)
    if contacts:
        yield FieldValue("contact", ", ".join(map(str, contacts[:_MOST_CONTACTS])), origin)
    of_contact = next((contact.department for contact in contacts if contact.department), "")
    if named is not None:
        department = FieldValue("department", _with_office(named.value, contacts), named.origin)
    elif of_contact:
        department = FieldValue("department", of_contact, origin)
    else:
        return
    first_word = department.value.split()[0]
    if is_central_body(first_word):
        yield FieldValue("outlet", first_word, department.origin)
    if department.value != first_word or not is_central_body(first_word):
        yield department


def _find_contacts(lines: list[str], labelled: list[int], text: str) -> tuple[list[Contact], str]:
    """The contacts and their origin; none and ''.

    A closing sentence that tells journalists whom to ask counts more than a label within the text.
    """
    contacts, origin = _contacts_to_ask(lines, matching_lines(_ASKING_HINTS, text))
    if contacts:
        return contacts, origin
    for first, last in _labelled_spans(lines, labelled):
        contacts = find_contacts(" | ".join(lines[first : last + 1]))
        if contacts:
            return contacts, quote(lines[first])
    return [], ""


def _with_office(department: str, contacts: list[Contact]) -> str:
    """A department with the office below it: a table names the body in one row and the office in the next."""
    offices = [
        contact.department
        for contact in contacts[:_CONTACTS_WITH_OFFICE]
        if contact.department not in ("", department)
    ]
    if not offices or not (is_central_body(department) or department.endswith(_BODY_ENDINGS)):
        return department
    if offices[0].startswith(f"{department} "):
        return offices[0]
    return f"{department} {offices[0]}" if " " not in department else department


def _named_department(lines: list[str], labelled: list[int]) -> FieldValue | None:
    """The first department behind its label, or on the line below the label."""
    for index in labelled:
        label = _DEPARTMENT.search(lines[index])
        if label is None:
            continue
        value = _department_value(label["value"])
        if not value and index + 1 < len(lines):
            value = _department_value(lines[index + 1])
        # A sentence that mentions a department is longer than its name, or ends with another word.
        if (
            value
            and len(value) <= _LONGEST_DEPARTMENT_CHARS
            and not _PERIOD.search(value)
            and is_organisation(value.split()[-1].strip(","))
        ):
            return FieldValue("department", value, quote(lines[index]))
    return None


def _department_value(text: str) -> str:
    return _DEPARTMENT_END.split(text.strip(" |:"))[0].strip(_VALUE_EDGE)


def _labelled_spans(lines: list[str], labelled: list[int]) -> Iterator[tuple[int, int]]:
    """First and last line of every span that begins with the label of a contact and ends with a number."""
    done = 0
    for first in labelled:
        if first < done or not (CONTACT_LABEL.match(lines[first]) or _DEPARTMENT.match(lines[first])):
            continue
        last = first - 1
        for index in range(first, len(lines)):
            longest = _LONGEST_LABELLED_CHARS if index == first else _LONGEST_CONTACT_CHARS
            if len(lines[index]) > longest or index - last > _LABEL_GAP_LINES:
                break
            if HAS_PHONE.search(lines[index]):
                last = index
        if last >= first:
            yield first, last
        done = max(last, first) + 1


def _contacts_to_ask(lines: list[str], candidates: list[int]) -> tuple[list[Contact], str]:
    """The contacts of the last of the `candidates` that says whom to ask, and their origin."""
    for index in reversed(candidates):
        if HAS_PHONE.search(lines[index]) and _TELLS_WHOM_TO_ASK.search(lines[index]):
            contacts = [contact for contact in find_contacts(lines[index]) if contact.rank]
            if contacts:
                return contacts, quote(lines[index])
    return [], ""
