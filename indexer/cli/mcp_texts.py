"""What the tools of `bodo mcp` answer, as models and as plain Korean text.

Documents are untrusted. Characters that cannot be seen, in which instructions to a model are hidden, become
blanks. No field but the text of a release has a line feed, so none can pass for another line of an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indexer.cli.mcp_models import (
    UNTRUSTED,
    FoundRelease,
    OfferedQuery,
    ReleasePart,
    SearchResult,
    SuggestResult,
)
from indexer.cli.printing import printable
from indexer.cli.search import reading_notes
from indexer.release import PressRelease
from indexer.search.citation import cite, safe_url
from indexer.search.response import Answer, Hit, Suggestion, date_text, release_path

# Choices: longer than any true field, and short enough that none fills an answer.
_FIELD_CHARS = 500
_MAX_LISTED = 50


def search_result(answer: Answer, address: str) -> SearchResult:
    """The answer of a search; the pages of its releases are below `address`, unless that is ''."""
    return SearchResult(
        reading=_fields(note for note, _ in reading_notes(answer)),
        total=answer.total,
        timed_out=answer.timed_out,
        offset=answer.offset,
        hits=[_found(hit, address) for hit in answer.hits],
        partial=[_found(hit, address) for hit in answer.partial],
        next=answer.next,
    )


def release_part(release: PressRelease, offset: int, length: int, address: str) -> ReleasePart:
    """At most `length` characters of the body of a release from `offset`, with what to cite it by."""
    body = "\n".join(map(printable, release.body.split("\n")))
    end = offset + length
    return ReleasePart(
        id=release.id,
        title=_field(release.title),
        subtitles=_fields(release.subtitles),
        issuer=_field(release.outlet),
        department=_field(release.department),
        reporter=_field(release.reporter),
        contact=_field(release.contact),
        published=date_text(release.published_at, release.published_precision),
        corrected=date_text(release.corrected_at, "time"),
        attachments=_fields(attachment.name for attachment in release.attachments),
        source_url=_field(safe_url(release.url)),
        page_url=_page(release.id, address),
        citation=_field(cite(release, _page(release.id, address))),
        text=body[offset:end],
        offset=offset,
        next_offset=end if end < len(body) else None,
        total_chars=len(body),
    )


def suggest_result(suggestions: Sequence[Suggestion]) -> SuggestResult:
    """The suggestions."""
    return SuggestResult(
        suggestions=[
            OfferedQuery(text=_field(one.text), kind=one.kind, count=one.count) for one in suggestions
        ]
    )


def search_text(result: SearchResult) -> str:
    """The result of a search as a model reads it."""
    lines = [f"찾은 보도자료: {result.total:,}건", *result.reading]
    if result.timed_out:
        lines.append("시간이 모자라 일부만 찾음")
    if result.hits or result.partial:
        lines += ["", UNTRUSTED]
    for number, hit in enumerate(result.hits, result.offset + 1):
        lines += ["", f"{number}. {hit.title}", *_details(hit)]
    if result.partial:
        lines += ["", "낱말 일부만 든 것:"]
    for hit in result.partial:
        lines += ["", f"- {hit.title}", *_details(hit)]
    if result.next:
        lines += ["", f"다음 쪽의 cursor: {result.next}"]
    return "\n".join(lines)


def release_text(part: ReleasePart) -> str:
    """A part of a release as a model reads it."""
    facts = {
        "제목": part.title,
        "부제": " / ".join(part.subtitles),
        "낸 곳": part.issuer,
        "부서": part.department,
        "기자": part.reporter,
        "연락처": part.contact,
        "발표": part.published,
        "정정": part.corrected,
        "첨부": ", ".join(part.attachments),
        "원문": part.source_url,
        "이 아카이브의 주소": part.page_url,
        "출처": part.citation,
    }
    end = part.offset + len(part.text)
    where = f"본문({part.total_chars:,}자 가운데 {part.offset:,}–{end:,}):"
    rest = f"이어 읽으려면 offset: {part.next_offset}" if part.next_offset is not None else "(본문 끝)"
    known = [f"{name}: {value}" for name, value in facts.items() if value]
    return "\n".join([UNTRUSTED, "", *known, "", where, part.text, "", rest])


def suggest_text(result: SuggestResult) -> str:
    """The suggestions as a model reads them."""
    if not result.suggestions:
        return "제안할 말이 없습니다."
    return "\n".join(f"{one.text} ({one.count:,}건)" for one in result.suggestions)


def _found(hit: Hit, address: str) -> FoundRelease:
    return FoundRelease(
        id=hit.id,
        title=_field(hit.title.text),
        issuer=_field(hit.outlet),
        issuer_today=_field(hit.outlet_today),
        published=date_text(hit.published_at, hit.published_precision),
        corrected=date_text(hit.corrected_at, "time"),
        snippets=_fields(snippet.text for snippet in hit.snippets),
        source_url=_field(safe_url(hit.source_url)),
        page_url=_page(hit.id, address),
    )


def _details(hit: FoundRelease) -> list[str]:
    facts = (
        ("id", printable(hit.id)),
        ("낸 곳", hit.issuer),
        ("지금 이름", hit.issuer_today),
        ("발표", hit.published),
        ("정정", hit.corrected),
        ("원문", hit.source_url),
    )
    lines = [f"   {name}: {value}" for name, value in (*facts, ("주소", hit.page_url)) if value]
    return lines + [f"   대목: {snippet}" for snippet in hit.snippets]


def _page(release_id: str, address: str) -> str:
    return address + release_path(release_id) if address else ""


def _field(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _FIELD_CHARS else f"{shown[:_FIELD_CHARS]}…"


def _fields(texts: Iterable[str]) -> list[str]:
    return [_field(text) for text in texts][:_MAX_LISTED]
