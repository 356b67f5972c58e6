from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.bootstrap import open_service
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.query.snapshot import ArraySnapshot
from indexer.errors import CursorExpired, IndexUnavailable, RequestError
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.conftest import release_of

ServiceOf = Callable[..., SearchService]


def ids(service: SearchService, q: str, **request: object) -> list[str]:
    return [hit.id for hit in service.search(SearchRequest(q=q, **request)).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize("q", ["버스 노선", "하자 보수", "등의 물은 지은 집", "매체:창원 하자 | 보고"])
def test_a_page_counts_once_and_searches_once(
    service_of: ServiceOf, monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    # As many that no partial hits are searched for.
    service = service_of(*(release_of(f"{q} 소식", id=str(number), outlet="창원") for number in range(5)))
    asked: list[str] = []

    def watch(name: str) -> None:
        ask = getattr(ArraySnapshot, name)

        def watched(*values: object) -> object:
            asked.append(name)
            return ask(*values)

        monkeypatch.setattr(ArraySnapshot, name, watched)

    for name in ("count", "search", "top"):
        watch(name)
    assert len(ids(service, q)) == 5
    assert asked in (["search"], ["count", "search"])


def test_all_words_must_be_there_and_a_word_stays_together(service_of: ServiceOf) -> None:
    service = service_of(
        release_of("독일 출장", id="together"),
        release_of("출장을 마치고 독일을 떠났다", id="apart"),
        release_of("독일", id="one"),
    )
    assert set(ids(service, "독일 출장")) == {"together", "apart"}
    assert ids(service, "독일출장") == ["together"]


@pytest.mark.parametrize(
    "q",
    ["!!!", "🎉", "(", '"', "<script>", "]", "은", "\u200b", "\\", "%", "*", "AND", "a" * 2000, "가 " * 900],
)
def test_odd_queries_have_an_answer(service_of: ServiceOf, q: str) -> None:
    service = service_of(release_of("창원 소식", "본문", id="a"))
    answer = service.search(SearchRequest(q=q))
    assert answer.total == 0
    assert answer.query.raw == q


@pytest.mark.parametrize(
    ("values", "parameter"),
    [
        ({"q": ""}, "q"),
        ({"q": " \n"}, "q"),
        ({"q": "가" * 10_000}, "q"),
        ({"q": "창\0원"}, "q"),
        ({"q": "가", "limit": 0}, "limit"),
        ({"q": "가", "limit": 101}, "limit"),
        ({"q": "가", "sort": "random"}, "sort"),
        ({"q": "가", "published_from": date(2024, 2, 1), "published_to": date(2024, 1, 1)}, "from"),
    ],
)
def test_a_request_that_cannot_be_answered_names_the_parameter(
    values: dict[str, object], parameter: str
) -> None:
    with pytest.raises(RequestError) as caught:
        SearchRequest(**values)  # type: ignore[arg-type]
    assert caught.value.parameter == parameter


def test_a_lone_surrogate_is_a_request_error(service_of: ServiceOf) -> None:
    with pytest.raises(RequestError, match="유니코드"):
        service_of().search(SearchRequest(q="\ud800"))


def test_days_are_inclusive_in_seoul(service_of: ServiceOf) -> None:
    service = service_of(
        release_of("소식", id="first", published="2024-01-01T00:00"),
        release_of("소식", id="last", published="2024-01-31T23:59"),
        release_of("소식", id="after", published="2024-02-01T00:00"),
        release_of("소식", id="undated", published=""),
    )
    found = ids(service, "소식", published_from=date(2024, 1, 1), published_to=date(2024, 1, 31))
    assert set(found) == {"first", "last"}
    assert set(ids(service, "소식", published_from=date(2024, 2, 1))) == {"after"}
    assert len(ids(service, "소식", published_to=date.max)) == 3
    assert len(ids(service, "소식", published_from=date.min)) == 3


def test_facets_count_the_whole_result(service_of: ServiceOf) -> None:
    service = service_of(
        *(release_of(f"소식 {n}", id=str(n), outlet="가시" if n else "나시") for n in range(4))
    )
    answer = service.search(SearchRequest(q="소식", limit=1))
    assert [(entry.value, entry.count) for entry in answer.facets["outlet"]] == [("가시", 3), ("나시", 1)]
    assert [(entry.value, entry.count) for entry in answer.facets["year"]] == [("2024", 4)]


def test_cursors_walk_the_whole_result_once(service_of: ServiceOf) -> None:
    service = service_of(*(release_of(f"소식 {n}", id=str(n)) for n in range(7)))
    seen: list[str] = []
    cursor = None
    while True:
        answer = service.search(SearchRequest(q="소식", limit=3, cursor=cursor))
        assert answer.total == 7
        seen += [hit.id for hit in answer.hits]
        cursor = answer.next
        if cursor is None:
            break
    assert sorted(seen) == [str(n) for n in range(7)]


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "bnVsbA", "WzFd", "가", "W" * 5000])
def test_a_cursor_that_is_none_is_refused(service_of: ServiceOf, cursor: str) -> None:
    service = service_of(release_of("소식", id="a"))
    if cursor:
        with pytest.raises(RequestError, match="cursor"):
            service.search(SearchRequest(q="소식", cursor=cursor))


def test_a_cursor_belongs_to_one_search_of_one_generation(
    service_of: ServiceOf, tmp_path: Path, analyzer: Analyzer
) -> None:
    service = service_of(release_of("소식 하나", id="a"), release_of("소식 둘", id="b"))
    cursor = service.search(SearchRequest(q="소식", limit=1)).next
    with pytest.raises(RequestError, match="이 검색의 것이 아닙니다"):
        service.search(SearchRequest(q="다른 소식", limit=1, cursor=cursor))
    with WhooshEngine(tmp_path / "index", analyzer).write() as writer:
        writer.put([release_of("소식 셋", id="c")])
        writer.commit({})
    assert service.search(SearchRequest(q="소식")).total == 3
    # The next page is one of what the first was of, also in a service that never opened that.
    for asked in (service, open_service(Settings(index=tmp_path / "index"))):
        second = asked.search(SearchRequest(q="소식", limit=1, cursor=cursor))
        assert (second.total, second.next) == (2, None)
    shutil.rmtree(tmp_path / "index" / "000001")
    with pytest.raises(CursorExpired):
        open_service(Settings(index=tmp_path / "index")).search(
            SearchRequest(q="소식", limit=1, cursor=cursor)
        )


def write_index(folder: Path, analyzer: Analyzer, *titles: str, fresh: bool = False) -> None:
    with WhooshEngine(folder, analyzer).write(fresh=fresh) as writer:
        writer.put([release_of(title, id=title) for title in titles])
        writer.commit({})


def test_an_index_made_anew_under_the_same_number_is_followed(tmp_path: Path, analyzer: Analyzer) -> None:
    index = tmp_path / "index"
    write_index(index, analyzer, "두루미 소식", "두루미 이야기")
    service = open_service(Settings(index=index))
    first = service.search(SearchRequest(q="두루미", limit=1))
    shutil.rmtree(index)
    write_index(index, analyzer, "따오기 소식", "따오기 이야기")
    assert (index / "CURRENT").read_text("ascii").startswith("000001 ")
    assert (ids(service, "두루미"), len(ids(service, "따오기"))) == ([], 2)
    assert service.state().generation != first.index.generation
    # The first index is gone: only a service that holds it open can go on with its pages.
    with pytest.raises(CursorExpired):
        open_service(Settings(index=index)).search(SearchRequest(q="두루미", limit=1, cursor=first.next))
    assert service.search(SearchRequest(q="두루미", limit=1, cursor=first.next)).total == 2


def test_an_index_restored_and_gone_on_with_is_followed(tmp_path: Path, analyzer: Analyzer) -> None:
    index, backup = tmp_path / "index", tmp_path / "backup"
    write_index(index, analyzer, "옛 소식")
    shutil.copytree(index, backup)
    write_index(index, analyzer, "두루미 소식", "두루미 이야기")
    service = open_service(Settings(index=index))
    cursor = service.search(SearchRequest(q="두루미", limit=1)).next
    index.rename(tmp_path / "bad")
    assert len(ids(service, "두루미")) == 2, "between the two renames what is open goes on answering"
    backup.rename(index)
    assert (ids(service, "두루미"), ids(service, "옛")) == ([], ["옛 소식"])
    write_index(index, analyzer, "따오기 소식", "따오기 이야기")
    assert (index / "CURRENT").read_text("ascii").startswith("000002 ")
    assert (ids(service, "두루미"), len(ids(service, "따오기"))) == ([], 2)
    with pytest.raises(CursorExpired):
        open_service(Settings(index=index)).search(SearchRequest(q="두루미", limit=1, cursor=cursor))


def test_a_kept_generation_with_another_manifest_is_not_the_one_that_was_meant(
    tmp_path: Path, analyzer: Analyzer
) -> None:
    index = tmp_path / "index"
    write_index(index, analyzer, "두루미 소식", "두루미 이야기")
    cursor = open_service(Settings(index=index)).search(SearchRequest(q="두루미", limit=1)).next
    write_index(index, analyzer, "새 소식")
    manifest = index / "000001" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    with pytest.raises(CursorExpired):
        open_service(Settings(index=index)).search(SearchRequest(q="두루미", limit=1, cursor=cursor))


def test_a_service_waits_for_its_index(tmp_path: Path, analyzer: Analyzer) -> None:
    service = open_service(Settings(index=tmp_path / "index"))
    with pytest.raises(IndexUnavailable, match="bodo reindex"):
        service.state()
    with WhooshEngine(tmp_path / "index", analyzer).write() as writer:
        writer.put([release_of("소식", id="a")])
        writer.commit({})
    assert service.state().documents == 1


def test_markup_in_a_release_is_escaped(service_of: ServiceOf) -> None:
    service = service_of(release_of("<b>창원</b>", "<script>alert('창원')</script>", id="a"))
    (hit,) = service.search(SearchRequest(q="창원")).hits
    assert hit.title.html == "&lt;b&gt;<mark>창원</mark>&lt;/b&gt;"
    assert hit.snippets[0].html == "&lt;script&gt;alert(&#x27;<mark>창원</mark>&#x27;)&lt;/script&gt;"


@pytest.mark.parametrize(
    ("q", "text", "found"),
    [
        ("부산", "정부 산하기관을 점검했다", False),
        ("부산", "부산에서 열렸다", True),
        ("급여", "비급여 진료비를 공개했다", False),
        ("급여", "급여를 지급했다", True),
        ("비급여", "비급여 진료비를 공개했다", True),
        ("쿠버", "쿠버네티스로 옮긴다", True),
        ("시내 버스", "시내버스 노선을 바꾼다", True),
        ("시내버스", "시내 버스 노선을 바꾼다", True),
        ("부터", "내일부터 시작한다", True),
        ("의", "창원의 내일", True),
        ("의", "창원은 내일", False),
        ("40", "4.0 시대", False),
        ("4.0", "인더스트리4.0 시대", True),
        ("12", "2012년", False),
        ("2012", "2012년", True),
        ("AI", "E-MAIL을 보냈다", False),
        ("ai", "AI반도체를 만든다", True),
        ("20만원", "20만 원을 준다", True),
        ("20만 원", "20만원을 준다", True),
        ("1234억", "1,234억원을 들인다", True),
        ("들은", "의견을 듣고 정했다", True),
        ("걸어서", "길을 걷다", True),
        ("감싸는", "빛이 감쌌다", True),
        ("대학", "大學을 세웠다", True),
        ("TBX", "진영TBX(주)가 참가했다", True),
        ("스마트파크", "LG스마트파크를 찾았다", True),
        ("LG 스마트 파크", "LG스마트파크를 찾았다", True),
        ("이플로우", "㈜이플로우가 참가했다", True),
    ],
)
def test_when_a_word_matches(service_of: ServiceOf, q: str, text: str, found: bool) -> None:
    service = service_of(release_of("소식", text, id="a"))
    answer = service.search(SearchRequest(q=q))
    assert answer.total == int(found)
    if found:
        assert "<mark>" in answer.hits[0].snippets[0].html


def test_decomposed_text_is_marked_at_its_own_characters(service_of: ServiceOf) -> None:
    body = unicodedata.normalize("NFD", "오늘 창원에서 열렸다")
    service = service_of(release_of("소식", body, id="a"))
    (hit,) = service.search(SearchRequest(q="창원")).hits
    (snippet,) = hit.snippets
    ((start, end),) = snippet.ranges
    assert snippet.text[start:end] == unicodedata.normalize("NFD", "창원")


@pytest.mark.parametrize("q", ["이영희", "이영희 주무관", "055-123-4568", '"이영희 주무관 055-123-4568"'])
def test_a_contact_that_only_a_record_states_is_found_and_shown(service_of: ServiceOf, q: str) -> None:
    contact = "관광과 이영희 주무관 055-123-4568"
    service = service_of(
        release_of("봄꽃 축제", "진해에서 축제를 연다.", id="a", contact=contact),
        release_of("다른 소식", "글", id="b"),
    )
    (hit,) = service.search(SearchRequest(q=q)).hits
    assert (hit.id, hit.snippets[0].text) == ("a", contact)
    assert hit.snippets[0].ranges


def test_a_contact_that_the_body_says_is_marked_there_and_is_no_suggestion(service_of: ServiceOf) -> None:
    body = "진해에서 축제를 연다.\n문의: 관광과 이영희 주무관 055-123-4568"
    service = service_of(
        release_of("봄꽃 축제", body, id="a", contact="관광과 이영희 주무관 055-123-4568"),
        release_of("장미 축제", "정원에서 축제를 연다.", id="b", contact="공원과 박철수 팀장"),
    )
    (hit,) = service.search(SearchRequest(q="이영희")).hits
    assert "문의: 관광과" in hit.snippets[0].text
    assert not service.suggest("박철").suggestions
