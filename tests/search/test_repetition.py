"""What is said once is not said again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indexer.release import PressRelease, Section, identify
from indexer.search.repetition import Shown
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService

TITLE = "홍남표 창원특례시장, 독일 출장에서 얻은 힌트와 성과는?"


@pytest.mark.parametrize(
    "text",
    [
        TITLE,
        "□ 홍남표 창원특례시장,독일 출장에서 얻은 힌트와 성과는",
        "<독일 출장에서 얻은 힌트와 성과는>",
        "‘홍남표창원특례시장’ 독일출장에서 얻은 힌트와 성과는?!",
    ],
)
def test_marks_and_spaces_make_no_difference(text: str) -> None:
    assert Shown((TITLE,)).has(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "…",
        "창원특례시",
        "독일 출장에서",
        f"{TITLE} 그는 이튿날 돌아왔다.",
        "홍남표 시장, 독일 출장에서 얻은 힌트는?",
    ],
)
def test_a_name_or_a_longer_text_is_none(text: str) -> None:
    assert not Shown((TITLE,)).has(text)


def test_nothing_repeats_nothing() -> None:
    assert not Shown().has("")
    assert not Shown(("", "…")).has("…")


@pytest.mark.parametrize("q", ["출장", "창원특례시장 성과"])
def test_a_snippet_repeats_neither_title_nor_subtitle(
    service_of: Callable[..., SearchService], q: str
) -> None:
    body = (
        TITLE,
        "- 독일 출장 나흘의 기록 -",
        "홍 시장은 출장을 마쳤다.",
        TITLE,
        "창원특례시장의 성과를 알렸다.",
    )
    release = identify(
        PressRelease(id="a", title=TITLE, subtitles=("독일 출장 나흘의 기록",), sections=(Section("", body),))
    )
    (hit,) = service_of(release).search(SearchRequest(q=q)).hits
    assert hit.snippets
    shown = Shown((TITLE, *release.subtitles))
    for snippet in hit.snippets:
        assert not any(shown.has(piece) for piece in snippet.text.split(" · "))
        assert "얻은 힌트" not in snippet.text


def test_a_body_that_is_only_its_title_has_no_snippet(service_of: Callable[..., SearchService]) -> None:
    release = identify(PressRelease(id="a", title=TITLE, sections=(Section("", (TITLE,)),)))
    (hit,) = service_of(release).search(SearchRequest(q="출장")).hits
    assert hit.snippets == ()
