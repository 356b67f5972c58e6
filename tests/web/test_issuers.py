"""Issuers on the pages: gathered, filtered by, named in a query; and what the endpoint says of them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from flask.testing import FlaskClient

from indexer.analysis import Analyzer
from tests.conftest import release_of
from tests.support.pages import arguments, link, notices, read, text_of
from tests.support.services import memory_service
from web.app import create_app

RELEASES = [
    release_of(
        "예산 하나", "기획재정부가 예산안을 낸다.", id="old", outlet="기획재정부", published="2024-05-01"
    ),
    release_of(
        "예산 둘", "재정경제부가 예산안을 낸다.", id="new", outlet="재정경제부", published="2026-05-01"
    ),
    release_of("예산 셋", "나라 살림을 짠다.", id="silent", outlet="기획재정부", published="2023-05-01"),
    release_of("예산 넷", "신문이 쓴다.", id="paper", outlet="신문", published="2024-05-02"),
    release_of("둘의 만남", "재정경제부와 환경부가 만난다.", id="both", outlet="", published="2024-05-02"),
    release_of("예산 다섯", "탑을 고친다.", id="hostile", outlet="<b>기획재정부", published="2024-05-02"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> FlaskClient:
    service = memory_service(tmp_path_factory.mktemp("issuers"), analyzer, RELEASES)
    return create_app(service).test_client()


def test_former_names_lie_below_the_name_of_today(client: FlaskClient) -> None:
    page = read(client, "/search?q=예산")
    (outlets,) = (one for one in page.cssselect("#facets section") if text_of(one[0]) == "매체")
    assert [text_of(one) for one in outlets.cssselect("section > ul > li > a")] == [
        "재정경제부 3건",
        "<b>기획재정부 1건",
        "신문 1건",
    ]
    (below,) = outlets.cssselect("li ul")
    assert below.get("aria-label") == "재정경제부의 옛 이름"
    assert [text_of(one) for one in below.iter("a")] == ["기획재정부 2건"]
    narrowed = read(client, below.cssselect("a")[0].get("href"))
    assert text_of(narrowed.cssselect("h1")[0]).endswith("2건")
    # Its body takes its place.
    (offered,) = (one for one in narrowed.cssselect("#facets a") if text_of(one).startswith("재정경제부"))
    assert arguments(offered.get("href"))["outlet"] == ["재정경제부"]
    whole = read(client, offered.get("href"))
    assert text_of(whole.cssselect("h1")[0]).endswith("3건")
    assert "재정경제부" not in [text_of(one) for one in whole.cssselect("#facets a span")]


def test_the_first_page_lists_bodies_with_their_former_names(client: FlaskClient) -> None:
    page = read(client, "/")
    (outlets,) = page.cssselect(".outlets")
    assert [text_of(one) for one in outlets.iter("a")] == [
        "재정경제부 3건",
        "기획재정부 2건",
        "<b>기획재정부 1건",
        "신문 1건",
    ]
    for one, total in zip(outlets.iter("a"), (3, 2, 1, 1), strict=True):
        found = read(client, one.get("href"))
        assert text_of(found.cssselect("h1")[0]).endswith(f"{total}건")


def test_a_word_that_names_an_issuer_is_told_and_can_be_left_alone(client: FlaskClient) -> None:
    page = read(client, "/search?q=기재부 예산")
    (notice,) = [one for one in notices(page) if "기관의 이름" in one]
    assert notice.startswith("기재부를 기관의 이름으로 읽어 다른 이름 ")
    assert "기획재정부" in notice
    assert notice.endswith("이 기관이 낸 것도 찾았습니다. 기재부만 찾기")
    assert arguments(link(page, "기재부만 찾기")) == {"q": ['"기재부" 예산']}
    alone = read(client, link(page, "기재부만 찾기"))
    assert not [one for one in notices(alone) if "기관의 이름" in one]
    why = [text_of(one) for one in page.cssselect(".why")]
    assert "낸 곳: 기획재정부" in why
    assert "다른 이름: 재정경제부" in why
    assert not any("없는 낱말" in text_of(one) for one in page.cssselect("ol")[0].cssselect(".why"))


@pytest.mark.parametrize(
    ("q", "quoted"),
    [
        ("기재부", '"기재부"'),
        ('"나라 살림" 기재부', '"나라 살림" "기재부"'),
        ("제목:기재부", '제목:"기재부"'),
        ("기재부 | 신문", '"기재부" | 신문'),
        ("기재부 예산 기재부", '"기재부" 예산 "기재부"'),
        ("기획 재정부", '"기획 재정부"'),
        ("기재부의 예산", '"기재부" 예산'),
        ("기재부가 예산", '"기재부" 예산'),
        ("기획재정부는 예산", '"기획재정부" 예산'),
        ("기획 재정부에서", '"기획 재정부"'),
        (unicodedata.normalize("NFD", "기재부를"), '"기재부"'),
        # Joined by marks, and found as several words.
        ("기재부,환경부", '"기재부" 환경부'),
        ("기재부/환경부 -신문", '"기재부" 환경부 -신문'),
        ("기재부·환경부", '"기재부" 환경부'),
        ("기재부,없는낱말", '"기재부" 없는낱말'),
        # Corrected.
        ("rlwoqn", '"기재부"'),
        ("dPtks rlwoqn", '예산 "기재부"'),
    ],
)
def test_the_word_is_quoted_where_it_stands(client: FlaskClient, q: str, quoted: str) -> None:
    page = read(client, f"/search?q={q}")
    name = re.findall('"([^"]+)"', quoted)[-1]
    href = link(page, f"{name}만 찾기")
    assert arguments(href)["q"] == [quoted]


@pytest.mark.parametrize(
    ("q", "quoted", "total"),
    [
        ("예산 -기재부", '예산 -"기재부"', 5),
        ("예산 -기획재정부가", '예산 -"기획재정부"', 4),
        ("예산 -매체:신문 -기재부", '예산 -매체:신문 -"기재부"', 4),
    ],
)
def test_an_excluded_name_is_told_and_can_be_excluded_alone(
    client: FlaskClient, q: str, quoted: str, total: int
) -> None:
    page = read(client, f"/search?q={q}")
    (notice,) = [one for one in notices(page) if "기관의 이름" in one]
    name = re.findall('"([^"]+)"', quoted)[-1]
    assert notice.startswith(f"{name}를 기관의 이름으로 읽어 다른 이름 ")
    assert notice.endswith(f"이 기관이 낸 것도 뺐습니다. {name}만 빼기")
    assert arguments(link(page, f"{name}만 빼기")) == {"q": [quoted]}
    alone = read(client, link(page, f"{name}만 빼기"))
    assert not [one for one in notices(alone) if "기관의 이름" in one]
    assert text_of(alone.cssselect("h1")[0]).endswith(f"{total}건")
    (issuer,) = client.get("/api/v1/search", query_string={"q": q}).get_json()["query"]["issuers"]
    assert (issuer["name"], issuer["excluded"], issuer["issued"]) == (name, True, True)


@pytest.mark.parametrize("q", ["기획재정부는", "기재부가", "기재부의", "기획 재정부를"])
def test_a_particle_is_no_part_of_the_name(client: FlaskClient, q: str) -> None:
    page = read(client, f"/search?q={q}")
    (notice,) = [one for one in notices(page) if "기관의 이름" in one]
    name = q[:-1]
    assert notice.startswith(f"{name}를 기관의 이름으로 읽어 다른 이름 ")
    assert notice.endswith(f"이 기관이 낸 것도 찾았습니다. {name}만 찾기")
    others = notice.partition("다른 이름 ")[2].partition(",  이")[0].split(", ")
    assert name.replace(" ", "") not in others
    assert not any(f"다른 이름: {name}" in text_of(one) for one in page.cssselect(".why"))
    (issuer,) = client.get("/api/v1/search", query_string={"q": q}).get_json()["query"]["issuers"]
    assert (issuer["query"], issuer["name"]) == (q, name)
    assert name not in issuer["also"]


def test_a_name_that_finds_nothing_besides_is_not_told(client: FlaskClient) -> None:
    assert not [one for one in notices(read(client, "/search?q=제목:통일부가")) if "기관의 이름" in one]


def test_a_release_says_what_its_issuer_is_called_today(client: FlaskClient) -> None:
    page = read(client, "/releases/old")
    assert text_of(page.cssselect(".kicker")[0]) == "기획재정부(지금 재정경제부)"
    assert text_of(page.cssselect("#neighbours")[0]) == "재정경제부의 다른 보도자료"
    assert [text_of(one) for one in page.cssselect(".neighbours a")] == ["예산 둘", "예산 셋"]
    assert text_of(read(client, "/releases/new").cssselect(".kicker")[0]) == "재정경제부"
    found = read(client, "/search?q=예산&sort=newest")
    bylines = [text_of(one) for one in found.cssselect(".byline .outlet")]
    assert bylines[0] == "재정경제부"
    assert "기획재정부(지금 재정경제부)" in bylines
    assert "<b>기획재정부" in bylines


def test_what_the_endpoint_says(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=기재부 예산&sort=oldest").get_json()
    first = answer["facets"]["outlet"][0]
    assert first == {"value": "재정경제부", "count": 3, "names": [{"value": "기획재정부", "count": 2}]}
    (issuer,) = answer["query"]["issuers"]
    assert (issuer["query"], issuer["today"], issuer["issued"]) == ("기재부", "재정경제부", True)
    assert answer["query"]["synonyms"] == []
    silent = answer["hits"][0]
    assert (silent["outlet"], silent["outlet_today"]) == ("기획재정부", "재정경제부")
    assert silent["matched"][0] == {"query": "기재부", "surface": "기획재정부", "by": "issuer"}
    for outlet, ids in (
        ("재정경제부", ["silent", "old", "new"]),
        ("기재부", ["silent", "old", "new"]),
        ("기획재정부", ["silent", "old"]),
        ("신문", ["paper"]),
        ("<b>기획재정부", ["hostile"]),
        ("없는 곳", []),
    ):
        found = client.get("/api/v1/search", query_string={"q": "예산", "outlet": outlet, "sort": "oldest"})
        assert [hit["id"] for hit in found.get_json()["hits"]] == ids, outlet
    assert client.get("/api/v1/releases/old").get_json()["outlet_today"] == "재정경제부"
    assert client.get("/api/v1/releases/paper").get_json()["outlet_today"] == ""
    assert client.get("/api/v1/stats").get_json()["outlets"][0]["names"] == [
        {"value": "기획재정부", "count": 2}
    ]


def test_trends_and_feeds_follow(client: FlaskClient) -> None:
    lines = client.get("/trends.csv?q=예산&outlet=기재부").get_data(as_text=True).lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(lines)))
    assert sum(int(row[1]) for row in rows[1:]) == sum(int(row[2]) for row in rows[1:]) == 3
    feed = client.get("/feed.atom?q=기재부 예산").get_data(as_text=True)
    assert feed.count("<entry>") == 3


def test_a_trend_says_which_names_it_counted(client: FlaskClient) -> None:
    page = read(client, "/trends?q=기재부의 예산&q=예산 -기재부&q=예산&outlet=재정경제부")
    found, excluded = (one for one in notices(page) if "기관의 이름" in one)
    assert found.startswith("기재부를 기관의 이름으로 읽어 다른 이름 기획재정부, ")
    assert found.endswith("이 기관이 낸 것도 찾았습니다. 기재부만 찾기")
    assert excluded.endswith("이 기관이 낸 것도 뺐습니다. 기재부만 빼기")
    assert arguments(link(page, "기재부만 찾기")) == {
        "outlet": ["재정경제부"],
        "q": ['"기재부" 예산', "예산 -기재부", "예산"],
    }
    assert arguments(link(page, "기재부만 빼기"))["q"] == ["기재부의 예산", '예산 -"기재부"', "예산"]
    alone = notices(read(client, link(page, "기재부만 찾기")))
    assert [one for one in alone if "기관의 이름" in one] == [excluded]
    trends = client.get("/api/v1/trends?q=기재부의 예산&q=예산").get_json()["trends"]
    (issuer,) = trends[0]["issuers"]
    assert (issuer["query"], issuer["name"], issuer["issued"]) == ("기재부의", "기재부", True)
    assert trends[1]["issuers"] == trends[1]["synonyms"] == []
