"""Fields from a release's own words, in the layouts that Korean government releases use.

Lines come from any format; the cells of a table row are joined by " | ". What is not stated plainly is
left out: an empty field is better than a wrong one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from indexer.sources.extraction.contacts import PHONE, Person, is_organisation, names_only_people, people_in
from indexer.sources.extraction.times import (
    DATE,
    LONGEST_TIME_CHARS,
    parse_embargo,
    parse_time,
    with_plain_times,
)
from indexer.sources.formats.document import Field, Found

_FIELDS: tuple[Field, ...] = ("published", "embargo", "outlet", "department", "contact")

_HEAD_LINES = 40
_LEAD_LINES = 25
_LABEL_GAP_LINES = 7
_LONGEST_CONTACT_CHARS, _LONGEST_LABELLED_CHARS = 150, 600
_LONGEST_ORIGIN_CHARS = 50
_LONGEST_DEPARTMENT_CHARS = 40
_MOST_CONTACTS = 6

_ODD_SPACE = re.compile(r"[\t\x0b-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")

_EMBARGO = re.compile(
    r"(?:^|[|/(\[<〈▣■□◇◈*※\s])(?:보\s?도\s?(?:시\s?점|일\s?시|시\s?기)|엠\s?바\s?고)(?![가-힣])\s?[|:：)\]>]*"
)
_ISSUED = re.compile(
    r"(?:^|[|/(\[<〈▣■□◇◈*※\s])(?:(?:자\s?료|보도\s?자료)?\s?배\s?포\s?(?:일\s?시|일\s?자|시\s?점|시\s?각|일)?"
    rf"|제공\s?(?:일시|일자|일))\s?[|:：)\]>]*\s?(?P<when>{DATE})",
    re.ASCII,
)
_ISSUED_LABEL = re.compile(
    r"(?:자\s?료\s?)?배\s?포\s?(?:일\s?시|일\s?자|시\s?점|일)?|제공\s?(?:일시|일자|일)"
)
_ONLINE = re.compile(r"(?:인\s?터\s?넷|온\s?라\s?인|방송|통신)")
# "국회 본회의 통과 시", "행사 종료 후": a day is said, the moment is not.
_UNTIL_EVENT = re.compile(r"[가-힣]\s?(?:시|직?후)(?:\s|$|부터|보도|[|)])")
_PRESS = re.compile(
    r"(?:보도|언론)\s?매체|매체\s?명|보도\s?제목|(?:^|\s|□)제\s?목\s?:|신문사|보도\s?내용|언론\s?사"
)
_AT_ONCE = re.compile(r"즉\s?시")
_HALF_DAY = re.compile(r"오[전후]")
_NO_EMBARGO = re.compile(r"없음|해당\s?(?:사항\s?)?없음|배포\s?(?:시|와\s?동시)(?:부터|에)?")
_DATE = re.compile(DATE, re.ASCII)

_DEPARTMENT = re.compile(
    r"(?:^|[|/(\[<〈▣■□◇◈*※\s])(?:담\s?당\s?부\s?서|담\s?당\s?과|소\s?관\s?부\s?서|제\s?공\s?부\s?서|작\s?성\s?부\s?서"
    r"|담\s?당\s?기\s?관|자\s?료\s?제\s?공)(?![가-힣])\s?(?:명\s?)?"
    r"(?:[<(][^<>()]{1,20}[>)]\s?)?[|:：)\]>]*\s?(?P<value>.*)$"
)
_DEPARTMENT_END = re.compile(
    rf"(?<!\s)\s*(?:\||책\s?임\s?자|담\s?당\s?자|연\s?락\s?처|전\s?화|문\s?의|과\s장|[☎☏]|\(?T[.)E]|{PHONE}|[(<]\s?$)"
)
# "(사업기간/담당부서) 2022년 4월~ / 국토정보정책과": the value of another label comes first.
_PERIOD = re.compile(r"\d\s?[년월]|[~∼]")
_CONTACT = re.compile(
    r"^[\s*※\-–○ㅇ●◦▪□■◇◈▶▷☞·•<\[(【〈|]*(?:보도\s?자료\s?)?(?:담\s?당(?:\s?자|\s?과|\s?관|\s?부\s?서|\s?기\s?관)?|책\s?임\s?자"
    r"|(?:자료\s?|취재\s?|관련\s?|세부\s?|사업\s?)?문\s?의(?:\s?처|\s?전화|\s?사항)?|연\s?락\s?처|작\s?성\s?자)"
    r"(?:\s?\([^()]{1,12}\))?\s?(?:[|:：.)\]>】〉]|$|(?=[가-힣]+\s.*0\d{1,2}[)\-]))"
)
_ASKS = re.compile(
    rf"(?:보도\s?(?:참고|설명|해명)?\s?자료|취재|자세한|궁금).{{0,120}}?{PHONE}.{{0,40}}?(?:연락|문의)", re.S
)
_HAS_PHONE = re.compile(PHONE)
# What the labels hold whatever stands around them. A text is searched for these before its lines are read
# one by one: of a whole corpus few lines remain. A pattern that begins with a letter is searched at the speed
# of that letter, hence several instead of one.
_IN_EMBARGO = (re.compile(r"보 ?도 ?[시일]"), re.compile(r"엠 ?바 ?고"))
_IN_LABEL = tuple(
    re.compile(" ?".join(label))
    for label in (
        "담당",
        "책임자",
        "문의",
        "연락처",
        "작성자",
        "소관부서",
        "제공부서",
        "작성부서",
        "자료제공",
    )
)
_IN_ASKING = (re.compile(r"보 *도 *(?:참고|설명|해명)? *자 *료"),)

_ISSUER_HEAD = (
    r"(?:장관|부총리|청장|처장|위원장|원장|시장|군수|구청장|도지사|지사|교육감|이사장|사장|총장"
    r"|실장|본부장|관장|소장|회장|단장|서장)"
)
_ISSUER = re.compile(
    r"^[\s□■○ㅇ●◦❍▶▷◇◆◎▪•·*※\-–“\"'‘]*(?P<name>[가-힣][가-힣A-Za-z·ㆍ]{1,20}(?:\s[가-힣·]{2,12}){0,2}?)\s?"
    rf"[(（]\s?(?:(?:[가-힣·\s]{{0,12}}{_ISSUER_HEAD}|{_ISSUER_HEAD})"
    rf"(?:\s?(?:직무대리|직무대행|권한대행))?\s?:?\s?(?!포함|제외|이하)[가-힣]{{2,4}}|[가-힣]{{2,4}}\s{_ISSUER_HEAD})\s?[,;/)）]"
)
_ISSUER_NAME = re.compile(
    r".*(?:부|처|청|위원회|국무조정실|국무총리비서실|감사원|원|시|도|군|구|공사|공단|재단|연구원|진흥원|대학교|은행|법원|센터|협회|관|단)"
)
# Ministries are few and known; a word that only ends like one (관리본부, 안전문화부) is an office.
_BODIES = re.compile(
    r"(?:(?:기획)?재정(?:경제)?|교육|과학기술정보통신|외교|통일|법무|국방|행정안전|(?:국가)?보훈|문화체육관광|농림축산식품|산업통상(?:자원)?"
    r"|보건복지|환경|기후에너지환경|고용노동|여성가족|성평등가족|국토교통|해양수산|중소벤처기업)부"
    r"|(?:인사혁신|법제|식품의약품안전|국가보훈|기획예산|대통령경호)처|[가-힣]{1,8}(?<!지)청|[가-힣]{2,12}위원회"
    r"|국무조정실|감사원|국가정보원|국무총리비서실|대통령비서실|[가-힣]{1,6}(?:특별시|광역시|특별자치시|특별자치도|특례시)"
)
_PARTICLE_INSIDE = re.compile(r"(?<=[가-힣]{2})[은는]\s")
_PARENT = re.compile(r"^.*(?:\s(?:소속|산하|소관)|[가-힣]인)\s")


def find_fields(lines: Iterable[str], wanted: Collection[Field] = _FIELDS) -> list[Found]:
    """What `lines` state of their release, at most once each, of those `wanted`: published, embargo,
    outlet, department, contact. Times are such that `parse_time` reads them.
    """
    text = _plain(lines)
    plain = text.split("\n") if text else []
    found = [*_times(plain, text, wanted), *_people(plain, text)]
    # What issued a release is also what the name of a department leaves out.
    if "outlet" in wanted or any(item.field == "department" and " " in item.value for item in found):
        issuer = _issuer(plain)
        if issuer is not None:
            found = [item for item in found if item.field != "outlet"] + [issuer]
    outlet = next((item.value for item in found if item.field == "outlet"), "")
    found = [_without_outlet(item, outlet) if item.field == "department" else item for item in found]
    return [item for item in found if item.field in wanted]


def _plain(lines: Iterable[str]) -> str:
    """The lines that are not blank, in NFC, with single spaces."""
    text = "\n".join(filter(None, map(str.strip, lines)))
    # Far cheaper than splitting every line at its white space.
    text = _ODD_SPACE.sub(" ", unicodedata.normalize("NFC", text))
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _lines_with(patterns: Iterable[re.Pattern[str]], text: str) -> list[int]:
    """The numbers of the lines of `text` in which one of `patterns` is found, in order."""
    numbers: list[int] = []
    number = counted = 0
    for start in sorted(found.start() for pattern in patterns for found in pattern.finditer(text)):
        number += text.count("\n", counted, start)
        counted = start
        if not numbers or numbers[-1] != number:
            numbers.append(number)
    return numbers


def _times(lines: list[str], text: str, wanted: Collection[Field]) -> Iterator[Found]:
    labelled = _lines_with(_IN_EMBARGO, text)
    if not labelled and "published" not in wanted:
        return
    head = with_plain_times("\n".join(lines[:_HEAD_LINES])).split("\n")
    embargo = None
    for place in labelled:
        label = _EMBARGO.search(head[place]) if place < len(head) else None
        if embargo is None and label and not _is_about_press(head, place):
            embargo = _embargo_at(head, place, label)
    if embargo is not None and embargo.value:
        yield embargo
    if "published" not in wanted:
        return
    issued = next(filter(None, (_issued_at(head, place) for place in range(len(head)))), None)
    if issued is None and embargo is not None:
        # A release that is not said to have been handed out before was handed out when it may be used.
        day = _DATE.search(embargo.value or embargo.origin)
        issued = Found("published", day[0], embargo.origin) if day and _is_time(day[0]) else None
    if issued is not None:
        yield issued


def _is_about_press(lines: list[str], place: int) -> bool:
    """Whether 보도일시 here is when a newspaper reported: a rebuttal names the paper beside it."""
    return any(_PRESS.search(line) for line in lines[max(0, place - 2) : place + 4])


def _issued_at(lines: list[str], place: int) -> Found | None:
    line = lines[place]
    found = _ISSUED.search(line)
    if found is None and _ISSUED_LABEL.fullmatch(line.strip(" |:*□■<>[]()")) and place + 1 < len(lines):
        found = _DATE.match(lines[place + 1].strip(" |:"))
        when = found[0] if found else ""
    else:
        when = found["when"] if found else ""
    return Found("published", when, _origin(line)) if when and _is_time(when) else None


def _embargo_at(lines: list[str], place: int, label: re.Match[str]) -> Found | None:
    line = lines[place]
    value = line[label.end() :]
    if len(value.strip(" |:")) < 2:
        value = " ".join(lines[place + 1 : place + 3])
    return _embargo_in(value, line)


def _embargo_in(value: str, line: str) -> Found | None:
    """The embargo that `value` states; '' for "at once". Of several times the one for the internet counts."""
    value = re.split(r"/\s?배\s?포|\|\s?배\s?포", value)[0]
    online = _ONLINE.search(value)
    stated = value[online.end() :] if online else value
    found = _DATE.search(stated)
    if _AT_ONCE.search(stated.split("(지")[0]):
        return Found("embargo", "", _origin(line))
    if found is None or not _is_time(found[0]):
        return None
    if found["hour"] is None and _UNTIL_EVENT.search(stated, found.end()):
        return None
    return Found("embargo", found[0], _origin(line))


def read_embargo(text: str) -> datetime | None:
    """The moment that a value states as a line of a document would; None where it says "at once", nothing, or
    an event whose moment no one can know. Raises ValueError where it says none of these.
    """
    try:
        return parse_embargo(text)
    except ValueError as error:
        unread = error
    if len(text) > LONGEST_TIME_CHARS:
        raise unread
    plain = with_plain_times(" ".join(unicodedata.normalize("NFKC", text).split()))
    if not plain.strip(" -–—") or _NO_EMBARGO.fullmatch(plain):
        return None
    found = _embargo_in(plain, plain)
    if found is not None:
        return parse_embargo(found.value) if found.value else None
    day = _DATE.search(plain)
    if (day is None or _is_time(day[0])) and _UNTIL_EVENT.search(_HALF_DAY.sub("", plain)):
        return None
    raise unread


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
        parse_embargo(text)
    except ValueError:
        return False
    return True


def _people(lines: list[str], text: str) -> Iterator[Found]:
    """Department, contact, and the outlet that a department's name begins with."""
    labelled = _lines_with(_IN_LABEL, text)
    named = _named_department(lines, labelled)
    # A sentence that tells whom to ask about the release says more than a label in its text.
    people, origin = _people_to_ask(lines, _lines_with(_IN_ASKING, text))
    for first, last in _contact_runs(lines, labelled) if not people else ():
        people = people_in(" | ".join(lines[first : last + 1]))
        if people:
            origin = _origin(lines[first])
            break
    if people:
        yield Found("contact", ", ".join(str(person) for person in people[:_MOST_CONTACTS]), origin)
    said = next((person.department for person in people if person.department), "")
    if named is not None:
        named = Found("department", _with_office(named.value, people), named.origin)
    department = named or (Found("department", said, origin) if said else None)
    if department is None:
        return
    first_word = department.value.split()[0]
    if _BODIES.fullmatch(first_word):
        yield Found("outlet", first_word, department.origin)
    if department.value != first_word or not _BODIES.fullmatch(first_word):
        yield department


def _with_office(department: str, people: list[Person]) -> str:
    """A department with the office below it: a table names the body on one row and the office on the next."""
    below = [person.department for person in people[:2] if person.department not in ("", department)]
    if not below or not (
        _BODIES.fullmatch(department) or department.endswith(("국", "관", "실", "원", "학교", "본부"))
    ):
        return department
    if below[0].startswith(f"{department} "):
        return below[0]
    return f"{department} {below[0]}" if " " not in department else department


def _named_department(lines: list[str], labelled: list[int]) -> Found | None:
    for place in labelled:
        line = lines[place]
        label = _DEPARTMENT.search(line)
        if label is None:
            continue
        value = _DEPARTMENT_END.split(label["value"].strip(" |:"))[0].strip(" |:()<>-")
        if not value and place + 1 < len(lines):
            value = _DEPARTMENT_END.split(lines[place + 1].strip(" |:"))[0].strip(" |:()<>-")
        # A sentence that only speaks of a department has more to say than its name.
        if (
            value
            and len(value) <= _LONGEST_DEPARTMENT_CHARS
            and not _PERIOD.search(value)
            and is_organisation(value.split()[-1].strip(","))
        ):
            return Found("department", value, _origin(line))
    return None


def _contact_runs(lines: list[str], labelled: list[int]) -> Iterator[tuple[int, int]]:
    """First and last line of every stretch that begins with a label of a contact and ends with a number."""
    done = 0
    for place in labelled:
        if place < done or not (_CONTACT.match(lines[place]) or _DEPARTMENT.match(lines[place])):
            continue
        last = place - 1
        for at in range(place, len(lines)):
            longest = _LONGEST_LABELLED_CHARS if at == place else _LONGEST_CONTACT_CHARS
            if len(lines[at]) > longest or at - last > _LABEL_GAP_LINES:
                break
            if _HAS_PHONE.search(lines[at]):
                last = at
        if last >= place:
            yield place, last
        done = max(last, place) + 1


def _people_to_ask(lines: list[str], asking: list[int]) -> tuple[list[Person], str]:
    """Those whom a closing sentence tells journalists to ask; `asking` are the lines that may be one."""
    for place in reversed(asking):
        if _HAS_PHONE.search(lines[place]) and _ASKS.search(lines[place]):
            people = [person for person in people_in(lines[place]) if person.rank]
            if people:
                return people, _origin(lines[place])
    return [], ""


def begins_with_issuer(line: str) -> bool:
    """Whether a line begins as the lead of an official release does: "교육부(장관 …)는"."""
    found = _ISSUER.match(line)
    return found is not None and _ISSUER_NAME.fullmatch(found["name"]) is not None


def states_contact(line: str) -> bool:
    """Whether a line says whom to ask: by a telephone number, the label of a contact, or names alone."""
    return _HAS_PHONE.search(line) is not None or _CONTACT.match(line) is not None or names_only_people(line)


def _issuer(lines: list[str]) -> Found | None:
    """The body that the lead names with its head: "교육부(장관 …)는"."""
    for line in lines[:_LEAD_LINES]:
        found = _ISSUER.match(line)
        if found and _ISSUER_NAME.fullmatch(found["name"]):
            # "국가유산청은 국가유산진흥원(원장 …)과 함께": the first of two bodies is who speaks.
            name = _PARTICLE_INSIDE.split(found["name"])[0]
            return Found("outlet", _PARENT.sub("", name), _origin(line))
    return None


def _without_outlet(item: Found, outlet: str) -> Found:
    first, _, rest = item.value.partition(" ")
    return Found(item.field, rest, item.origin) if rest and first == outlet else item


def _origin(line: str) -> str:
    cut = line.strip()
    return f"‘{cut[:_LONGEST_ORIGIN_CHARS]}{'…' if len(cut) > _LONGEST_ORIGIN_CHARS else ''}’"
