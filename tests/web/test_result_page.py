"""What stands above and beside the results: how the query was read, when they appeared, where the page is."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.analysis import Analyzer
from indexer.errors import Busy
from indexer.release import PressRelease, Section, identify
from indexer.search.cursor import write_cursor
from indexer.search.request import SearchRequest
from indexer.search.rerank import Place
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.pages import arguments, link, notices, read, text_of
from tests.support.services import memory_service
from web.app import create_app


def test_a_page_says_where_it_is_and_leads_back(client: FlaskClient) -> None:
    first = read(client, "/search?q=산업박람회&sort=oldest&limit=5")
    assert text_of(first.cssselect(".pages .range")[0]) == "1–5번째, 모두 13건"
    assert first.cssselect("ol.ledger")[0].get("start") == "1"
    second = read(client, link(first, "다음 결과"))
    assert text_of(second.cssselect(".pages .range")[0]) == "6–10번째, 모두 13건"
    third = read(client, link(second, "다음 결과"))
    assert text_of(third.cssselect(".pages .range")[0]) == "11–13번째, 모두 13건"
    assert not third.cssselect("a.next")
    back = read(client, link(third, "이전 결과"))
    titles = [[text_of(h2) for h2 in page.cssselect("ol.ledger h2")] for page in (second, back)]
    assert titles[0] == titles[1]
    again = read(client, link(back, "이전 결과"))
    assert not again.cssselect("a[rel=prev]")


def test_months_are_bars_that_narrow_and_a_table_that_says_the_same(client: FlaskClient) -> None:
    page = read(client, "/search?q=산업박람회&outlet=창원특례시")
    bars = page.cssselect(".histogram svg a")
    table = [
        [text_of(cell) for cell in row.iter("th", "td")] for row in page.cssselect(".histogram tbody tr")
    ]
    years = [text_of(year) for year in page.cssselect(".years li")]
    assert [row[0] for row in table] == ["2023", "2024"]
    assert [year[:4] for year in years] == ["2023", "2024"]
    counted = sum(int(count) for row in table for count in row[1:13])
    assert counted == sum(int(row[13]) for row in table) == len(page.cssselect("ol.ledger > li"))
    assert len(bars) == sum(count != "0" for row in table for count in row[1:13])
    asked = arguments(bars[0].get("href"))
    assert (asked["q"], asked["outlet"]) == (["산업박람회"], ["창원특례시"])
    narrowed = read(client, bars[0].get("href"))
    (chosen,) = narrowed.cssselect(".histogram rect.chosen")
    assert chosen.getparent().get("href") == bars[0].get("href")
    assert [year.get("aria-current") for year in narrowed.cssselect(".years a")].count("true") == 1
    # All months stay, so that another can be chosen.
    assert len(narrowed.cssselect(".histogram svg a")) == len(bars)


def test_years_stand_in_order_of_time(client: FlaskClient) -> None:
    page = read(client, "/search?q=산업박람회")
    (section,) = [one for one in page.cssselect(".facets section") if text_of(one.find("h2")) == "연도"]
    years = [text_of(a)[:4] for a in section.iter("a")]
    assert years == sorted(years, reverse=True)
    assert len(years) == 2


def test_days_can_be_typed_and_blank_ones_are_none(client: FlaskClient) -> None:
    page = read(client, "/search?q=산업박람회&outlet=창원특례시&from=&to=")
    (form,) = page.cssselect("form.days")
    form.fields["from"] = "2023-12-01"
    query = "&".join(f"{name}={value}" for name, value in form.form_values())
    narrowed = read(client, f"/search?{query}")
    assert arguments(link(narrowed, "2023. 12. 1.부터 × 조건 빼기")) == {
        "q": ["산업박람회"],
        "outlet": ["창원특례시"],
    }
    assert narrowed.cssselect("form.days input[name=from]")[0].get("value") == "2023-12-01"


def test_reversed_days_are_told_with_a_way_on(client: FlaskClient) -> None:
    page = read(client, "/search?q=하노버&from=2024-01-02&to=2024-01-01", 400)
    assert "시작 날짜(from)가 끝 날짜(to)보다 늦습니다" in text_of(page)
    assert arguments(link(page, "그 조건을 빼고 찾기")) == {"q": ["하노버"], "to": ["2024-01-01"]}


@pytest.mark.parametrize(
    ("wrong", "kept"),
    [
        ("cursor=x", {}),
        ("from=어제", {}),
        ("sort=zz&limit=5", {"limit": ["5"]}),
        ("attachment=no", {}),
    ],
)
def test_what_is_wrong_can_be_left_out(client: FlaskClient, wrong: str, kept: dict[str, list[str]]) -> None:
    page = read(client, f"/search?q=하노버&outlet=경남에나뉴스&{wrong}", 400)
    href = link(page, "그 조건을 빼고 찾기")
    assert arguments(href) == {"q": ["하노버"], "outlet": ["경남에나뉴스"], **kept}
    assert client.get(href).status_code == 200


def test_a_page_that_is_gone_leads_to_the_first_of_the_same_search(client: FlaskClient) -> None:
    request = SearchRequest(q="하노버", sort="newest", filters={"outlet": ("경남신문",)})
    gone = write_cursor(request, "gone", Place(5))
    page = read(client, f"/search?q=하노버&outlet=경남신문&sort=newest&cursor={gone}", 410)
    href = link(page, "첫 쪽부터 다시 보기")
    assert arguments(href) == {"q": ["하노버"], "outlet": ["경남신문"], "sort": ["newest"]}


def test_who_comes_too_early_can_come_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(self: SearchService, request: SearchRequest) -> None:
        raise Busy("지금 찾는 사람이 많습니다.", "잠시 뒤에")

    monkeypatch.setattr(SearchService, "search", busy)
    page = read(client, "/search?q=하노버&sort=newest", 503)
    assert arguments(link(page, "다시 해 보기")) == {"q": ["하노버"], "sort": ["newest"]}


@pytest.mark.parametrize(
    ("q", "reading"),
    [
        ("하노버 산업박람회", None),
        ("하노버  산업박람회 ", None),
        ("하노버 NOT 산불", "하노버 -산불"),
        ("title:하노버", "제목:하노버"),
    ],
)
def test_how_a_query_was_read_is_said_where_it_is_no_row_of_words(
    client: FlaskClient, q: str, reading: str | None
) -> None:
    page = read(client, f"/search?q={q}")
    said = [text_of(code) for code in page.cssselect(".reading-of-query code")]
    assert said == ([reading] if reading else [])


def test_a_correction_is_said_once_with_its_undo(client: FlaskClient) -> None:
    page = read(client, "/search?q=하노바")
    (notice,) = notices(page)
    assert notice == "하노바에 맞는 보도자료가 없어 하노버로 찾았습니다. 그대로 찾기"
    assert arguments(link(page, "그대로 찾기")) == {"q": ["하노바"], "exact": ["1"]}
    # The page of a release marks what was found, and leads back to what was typed.
    release = read(client, page.cssselect("ol.ledger h2 a")[0].get("href"))
    assert {text_of(mark) for mark in release.iter("mark")} == {"하노버"}
    assert arguments(link(release, "← ‘하노바’ 검색 결과로")) == {"q": ["하노바"]}


def test_words_that_are_missing_are_told(client: FlaskClient) -> None:
    page = read(client, "/search?q=하노버 산불 없는말")
    assert any(notice.startswith("모든 낱말이 들어 있는 보도자료가 없어") for notice in notices(page))
    for entry in page.cssselect("ol.ledger > li"):
        missing = [text_of(word) for word in entry.cssselect(".why s")]
        marked = {text_of(mark) for mark in entry.iter("mark")}
        assert missing
        assert "없는말" in missing
        assert marked.isdisjoint(missing)


@pytest.mark.parametrize("q", ["창원시", "창원시의", "창원시를"])
def test_a_synonym_is_told_where_it_matched_and_can_be_left_out(client: FlaskClient, q: str) -> None:
    page = read(client, f"/search?q={q}")
    (notice,) = [one for one in notices(page) if "같은 말" in one]
    assert notice == "창원시와 같은 말 창원특례시도 찾았습니다. 창원시만 찾기"
    assert arguments(link(page, "창원시만 찾기")) == {"q": ['"창원시"']}
    for entry in page.cssselect("ol.ledger > li"):
        # Where the word itself is, its synonyms need no telling.
        marked = {text_of(mark) for mark in entry.iter("mark")}
        told = [text_of(why) for why in entry.cssselect(".why")]
        assert told == ([] if "창원시" in marked else ["같은 말: 창원특례시"])


def release_with(title: str, subtitles: tuple[str, ...], body: tuple[str, ...]) -> PressRelease:
    return identify(PressRelease(id="a", title=title, subtitles=subtitles, sections=(Section("", body),)))


def test_a_subtitle_that_repeats_the_title_is_not_shown(tmp_path: Path, analyzer: Analyzer) -> None:
    title = "수소 버스 충전소 창원에 문 열어"
    release = release_with(
        title, ("수소버스 충전소, 창원에 문 열어", "하루 육십 대를 채운다"), ("수소 버스가 달린다.",)
    )
    client = create_app(memory_service(tmp_path, analyzer, [release])).test_client()
    for url in ("/search?q=수소", "/"):
        page = read(client, url)
        shown = [text_of(subtitle) for subtitle in page.cssselect(".subtitle")]
        assert shown == ["하루 육십 대를 채운다"]
    # The page of the release has all of it.
    assert len(read(client, "/releases/a").cssselect(".standfirst")) == 2


def test_one_month_needs_no_drawing(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [release_of("수소", published=f"2024-03-0{day}", id=f"r{day}") for day in range(1, 4)]
    releases.append(release_of("수소", published="", id="undated"))
    client = create_app(memory_service(tmp_path, analyzer, releases)).test_client()
    assert not read(client, "/search?q=수소").cssselect("svg")


def test_many_years_are_drawn_by_year(tmp_path: Path, analyzer: Analyzer) -> None:
    releases = [release_of("수소", published=f"{year}-03-01", id=f"r{year}") for year in (1950, 1980, 2024)]
    client = create_app(memory_service(tmp_path, analyzer, releases)).test_client()
    page = read(client, "/search?q=수소")
    assert len(page.cssselect(".histogram svg a")) == 3
    assert arguments(page.cssselect(".histogram svg a")[1].get("href"))["from"] == ["1980-01-01"]
    assert len(page.cssselect(".years li")) == 75


def test_what_is_grouped_is_counted_on_the_last_page(tmp_path: Path, analyzer: Analyzer) -> None:
    long = " ".join(f"{number * 137}째 회사를 만났다. 수소 이야기를 했다." for number in range(60))
    releases = [release_of("수소", long, id=f"same{number}") for number in range(3)]
    releases += [release_of("수소", f"수소 버스 {number}대", id=f"r{number}") for number in range(11)]
    client = create_app(memory_service(tmp_path, analyzer, releases)).test_client()
    first = read(client, "/search?q=수소")
    assert text_of(first.cssselect(".range")[0]) == "1–10번째, 모두 14건"
    last = read(client, link(first, "다음 결과"))
    assert text_of(last.cssselect(".range")[0]) == "11–12번째, 모두 14건(거의 같은 2건은 묶음)"


def test_a_release_leads_back_to_the_page_it_was_on(client: FlaskClient) -> None:
    second = read(client, link(read(client, "/search?q=산업박람회&limit=5"), "다음 결과"))
    release = read(client, second.cssselect("ol.ledger h2 a")[0].get("href"))
    back = read(client, link(release, "← ‘산업박람회’ 검색 결과로"))
    assert text_of(back.cssselect(".range")[0]) == text_of(second.cssselect(".range")[0])


def test_the_trend_is_that_of_what_was_found(client: FlaskClient) -> None:
    page = read(client, "/search?q=하노바&outlet=경남에나뉴스&sort=newest")
    trend = link(page, "이 말의 추이")
    assert arguments(trend) == {"q": ["하노버"], "outlet": ["경남에나뉴스"]}
    assert "조건: 경남에나뉴스 조건 빼기" in text_of(read(client, trend))


@pytest.mark.parametrize(
    "q", ["창원 산업박람회", unicodedata.normalize("NFD", "창원 산업박람회"), "\u202e창원"]
)
def test_what_nobody_sees_is_no_other_reading(client: FlaskClient, q: str) -> None:
    assert not read(client, f"/search?q={q}").cssselect(".reading-of-query")


def test_attachments_are_told(client: FlaskClient) -> None:
    page = read(client, "/search?q=하노버 산업박람회")
    (entry,) = [li for li in page.cssselect("ol.ledger > li") if "경남에나뉴스" in text_of(li)]
    assert [text_of(badge) for badge in entry.cssselect(".badge")] == ["첨부 2"]


def test_a_long_search_stays_small(client: FlaskClient) -> None:
    response = client.get("/search?q=" + "하노버산업박람회" * 100)
    assert response.status_code == 200
    assert len(response.get_data()) < 60_000


def test_no_style_stands_in_a_page(client: FlaskClient) -> None:
    for url in ("/", "/search?q=하노버", "/help", "/status", "/api", "/trends?q=하노버&q=창원"):
        for element in read(client, url).iter():
            assert element.tag != "style"
            assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
