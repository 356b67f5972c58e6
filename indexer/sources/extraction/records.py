"""The values of a record, whatever file it is from -> press release."""

from __future__ import annotations

import re
from datetime import date

from indexer.release import PressRelease, Section, paragraphs_of
from indexer.sources.extraction.field_values import origins_of
from indexer.sources.extraction.named_fields import release_from_fields, unescape_entities
from indexer.sources.extraction.release_fields import find_fields
from indexer.sources.extraction.release_times import unread_embargo, unread_embargo_problem
from indexer.sources.formats.document import Field
from indexer.sources.problems import ContentError, ReadProblem
from indexer.sources.recognizers.line_kinds import is_syndication_notice
from indexer.sources.recognizers.times import parse_time

_ONLY_ATTACHED = re.compile(
    r"[\W_]*(?:"
    r"(?:본문|내용)\s*없음"
    r"|(?:(?:보다\s*)?(?:자세한|상세한?)\s*(?:내용|사항|내역)[은는]?|내용은)?\s*"
    r"(?:첨부|붙임|별첨)(?:한|된)?\s*(?:파일|자료|문서|물)?[을를]?\s*(?:참조|참고|확인)"
    r"(?:\s*(?:하|해|부탁)[가-힣\s]{0,14}|\s*바랍니다)?"
    r")?[\W_]*(?:끝|감사합니다)?[\W_]*"
)
_LONGEST_ONLY_ATTACHED_CHARS, _MOST_ONLY_ATTACHED_PARAGRAPHS = 80, 4
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SENTENCE_END = re.compile(r"(?<=다\.)\s+")
# Fields that records leave out and their texts state.
_TEXT_FIELDS: tuple[Field, ...] = ("department", "contact", "embargo")
_FIELD_LABELS = re.compile(
    r"담\s?당\s?(?:자|부|과|[:：|\n])|문\s?의\s?(?:처|\s?[:：.\])】>〉])|책\s?임\s?자"
    r"|보\s?도\s?(?:시\s?점|일\s?시)|엠바고|취재를 원"
)


def release_of_record(values: dict[str, object], source_path: str) -> PressRelease:
    """A release, not yet identified, of `values` by field (see `release_from_fields`) and a "body".

    The body is text or None. What the record leaves out and its text states is taken from the text.
    Raises ContentError where there is no title or a value cannot be used.
    """
    body = values.pop("body", None)
    if body is not None and not isinstance(body, str):
        raise ContentError("body의 값이 글이 아닙니다.", "본문을 글로 쓰세요.")
    paragraphs = () if body is None else _paragraphs(unescape_entities(body))
    sections = (Section("", paragraphs),) if paragraphs else ()
    if body is None or not _FIELD_LABELS.search(body):
        return release_from_fields(values, sections, source_path)
    wanted = tuple(field for field in _TEXT_FIELDS if not str(values.get(field) or "").strip())
    near = _day_of(values.get("published"))
    text_fields = [item for item in find_fields(paragraphs, wanted, near) if item.value]
    values.update((item.field, item.value) for item in text_fields)
    return release_from_fields(values, sections, source_path, origins_of(text_fields))


def embargo_doubt(
    release: PressRelease, values: dict[str, object], source_path: str, line: int
) -> ReadProblem | None:
    """A warning where the text of a record states an embargo that cannot be read; None where it does not, or
    where the `values` of the record state one.
    """
    if release.embargo_until is not None or str(values.get("embargo") or "").strip():
        return None
    unread = unread_embargo(text for section in release.sections for text in section.paragraphs)
    return unread_embargo_problem(unread, source_path, line) if unread else None


def _day_of(published: object) -> date | None:
    """The day of a stated time; None where there is none that can be read."""
    try:
        return parse_time(published)[0].date() if isinstance(published, str) else None
    except ValueError:
        return None


def _paragraphs(body: str) -> tuple[str, ...]:
    """The paragraphs of a body without the notice of syndication.

    Empty where the others only say that there is no text, or that it is attached.
    """
    paragraphs = paragraphs_of(body)
    lines = paragraphs
    if "전재" in body:
        paragraphs = tuple(text for text in paragraphs if not is_syndication_notice(_TAG.sub("", text)))
        # The notice may share a paragraph with the sentence that says that the text is attached.
        sentences = (_SENTENCE_END.sub("\n", _TAG.sub("", text)).split("\n") for text in paragraphs)
        lines = tuple(line for part in sentences for line in part if not is_syndication_notice(line))
    is_short = (
        len(lines) <= _MOST_ONLY_ATTACHED_PARAGRAPHS and sum(map(len, lines)) <= _LONGEST_ONLY_ATTACHED_CHARS
    )
    return () if is_short and _ONLY_ATTACHED.fullmatch("\n".join(lines)) else paragraphs
