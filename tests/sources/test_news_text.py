"""Pages of Korean news sites, selected and copied as text, and the fields they must give."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.release import SEOUL, Precision, PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.extraction.news_text import read_news_text
from indexer.sources.problems import ContentError

PAGES = Path(__file__).parent / "pages"
FIRST_RELEASE = Path(__file__).parents[2] / "corpus" / "2023-04-25-창원특례시장-독일-출장.txt"


@dataclass(frozen=True, kw_only=True)
class Expected:
    title: str
    subtitles: tuple[str, ...] = ()
    outlet: str = ""
    department: str = ""
    reporter: str = ""
    contact: str = ""
    published_at: datetime | None = None
    published_precision: Precision = "time"
    embargo_until: datetime | None = None
    headings: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    begins: str
    ends: str
    paragraphs: int


def seoul(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SEOUL)  # type: ignore[arg-type,misc]


EXPECTED = {
    "portal.txt": Expected(
        title="진주시, 남강변 산책로 6km 새로 열어",
        subtitles=("밤에도 걸을 수 있게 등 120개 달아",),
        outlet="남해안신문",
        reporter="김하늘",
        published_at=seoul(2023, 5, 11, 9, 12),
        begins="경남 진주시는 남강변에",
        ends='볼 수 있게 됐다"고 말했다.',
        paragraphs=4,
    ),
    "wire.txt": Expected(
        title="거제 조선소 협력업체 40곳, 안전 설비 함께 산다",
        subtitles=("안전모·가스 감지기 공동 구매…비용 30% 줄어",),
        outlet="한바다뉴스",
        reporter="박서준",
        published_at=seoul(2023, 6, 2, 14, 5),
        begins="경남 거제시의 조선소",
        ends="절반은 시가 낸다.",
        paragraphs=3,
    ),
    "agency.txt": Expected(
        title='"섬 주민도 당일 진료"…통영 병원선 새로 띄운다',
        outlet="새물결뉴스",
        reporter="이준호, 최유나",
        published_at=seoul(2023, 7, 3, 8, 0),
        headings=("진료 과목 넷으로 늘어",),
        begins="경남 통영시가 새 병원선을",
        ends='있다"고 설명했다.',
        paragraphs=4,
    ),
    "local_cms.txt": Expected(
        title="함안군, 수박 축제 사흘 동안 연다",
        subtitles=("21일부터 함주공원에서… 수박 2천 통 싸게 팔아",),
        outlet="아라신문",
        reporter="정다은",
        published_at=seoul(2023, 4, 18, 10, 30),
        begins="경남 함안군이 21일부터",
        ends="널리 알리겠다”고 말했다.",
        paragraphs=3,
    ),
    "city_board.txt": Expected(
        title="김해시, 폐교를 생태 학교로 바꾼다",
        subtitles=("9월에 문 열어… 한 해 3천 명 배운다",),
        outlet="김해시",
        department="환경정책과",
        contact="055-123-4567",
        published_at=seoul(2023, 3, 9),
        published_precision="day",
        embargo_until=seoul(2023, 3, 9, 10),
        attachments=("김해시 생태 학교.hwp",),
        begins="□ 김해시(시장 홍태용)는",
        ends="온실 2개가 들어선다",
        paragraphs=3,
    ),
    "english.txt": Expected(
        title="Changwon signs smart factory deal with Hannover partner",
        outlet="Yonhap",
        reporter="Kim Min-su",
        begins="The southeastern city of Changwon",
        ends="Mayor Hong said.",
        paragraphs=3,
    ),
    "no_reporter.txt": Expected(
        title="밀양시, 얼음골 사과 첫 수출",
        published_at=seoul(2022, 11, 2, 9, 15),
        begins="밀양시는 얼음골 사과",
        ends="11월 10일에 부산항을 떠난다.",
        paragraphs=2,
    ),
    # Two times without a label: which of them is the publication cannot be known.
    "two_dates.txt": Expected(
        title="양산시, 버스 노선 4개 늘린다",
        reporter="윤서연",
        begins="양산시는 새 학기를",
        ends="2023년 2월 20일부터 다닌다.",
        paragraphs=2,
    ),
    "about_comments.txt": Expected(
        title="댓글 실명제, 열 달 만에 사라진다",
        reporter="오마루",
        published_at=seoul(2023, 8, 14, 7, 0),
        headings=("댓글",),
        begins="한 포털이 댓글 실명제를",
        ends="댓글부터 되살리겠다”고 밝혔다.",
        paragraphs=5,
    ),
    "plain.txt": Expected(
        title="사천시, 우주항공 도서관 문 연다",
        begins="사천시가 우주와 항공을",
        ends="절반은 어린이책이다.",
        paragraphs=2,
    ),
}


def read_only_release(path: Path) -> PressRelease:
    (file,), refusals = list_files(path)
    (release,) = read_file(file)
    assert not refusals
    assert isinstance(release, PressRelease)
    return release


def summary(release: PressRelease) -> Expected:
    body = " ".join(unicodedata.normalize("NFC", release.body).split())
    expected = EXPECTED.get(release.source_path)
    begins, ends = (expected.begins, expected.ends) if expected else (body, body)
    return Expected(
        title=release.title,
        subtitles=release.subtitles,
        outlet=release.outlet,
        department=release.department,
        reporter=release.reporter,
        contact=release.contact,
        published_at=release.published_at,
        published_precision=release.published_precision,
        embargo_until=release.embargo_until,
        headings=release.headings,
        attachments=tuple(attachment.name for attachment in release.attachments),
        begins=body[: len(begins)],
        ends=body[-len(ends) :],
        paragraphs=sum(len(section.paragraphs) for section in release.sections),
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_a_copied_page_gives_its_fields_and_nothing_of_its_furniture(name: str) -> None:
    assert summary(read_only_release(PAGES / name)) == EXPECTED[name]


def test_the_first_release_is_read_whole() -> None:
    release = read_only_release(FIRST_RELEASE)

    assert release.title == "홍남표 창원특례시장, 독일 출장에서 얻은 힌트와 성과는?"
    assert len(release.subtitles) == 1
    assert release.subtitles[0].startswith("16일부터 4박 6일")
    assert (release.outlet, release.reporter) == ("경남에나뉴스", "이도균")
    assert release.published_at == seoul(2023, 4, 25, 1, 28)
    assert release.published_precision == "time"
    assert [section.heading for section in release.sections] == [
        "",
        "‘하노버 산업박람회’에 첫 ‘창원공동관’ 운영",
        "국가산단 2.0 도약 위해 글로벌 기업과 맞손",
        "독일 현지에 16번째 창원 글로벌비즈센터 지정",
        "인더스트리4.0 핵심 기관과 업무협약",
    ]
    body = " ".join(release.body.split())
    assert body.startswith("경남 창원특례시 홍남표 시장이")
    assert body.endswith("최선을 다하겠다”고 말했다.")
    everything = str(release.to_dict())
    for furniture in ("상태바", "댓글", "이 기사를 공유합니다", "주요기사", "[경남에나뉴스"):
        assert furniture not in everything


def test_the_first_release_loses_no_word_of_its_article() -> None:
    text = FIRST_RELEASE.read_text("utf-8")
    article = text[text.index("경남 창원특례시") : text.index("주요기사")]
    assert read_only_release(FIRST_RELEASE).body.split() == article.split()


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.replace("•", "·").encode("cp949"),
        lambda text: unicodedata.normalize("NFD", text).encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
    ],
    ids=["CP949", "NFD", "CRLF", "UTF-8 with BOM", "UTF-16"],
)
def test_a_page_reads_the_same_in_any_encoding_and_form(
    name: str, encode: Callable[[str], bytes], tmp_path: Path
) -> None:
    text = (PAGES / name).read_text("utf-8")
    if name == "local_cms.txt":
        text = text.replace("©", "ⓒ")  # CP949 has no ©
    (tmp_path / name).write_bytes(encode(text))

    release = read_only_release(tmp_path / name)

    composed = unicodedata.normalize("NFC", str(summary(release)))
    assert release.source_path == name
    assert composed == str(summary(read_only_release(PAGES / name)))


def test_text_keeps_the_unicode_form_it_came_in() -> None:
    text = unicodedata.normalize(
        "NFD", "창원시 소식\n\n[창원=에나뉴스] 이도균 기자 = 창원시가 나무를 심는다.\n"
    )
    release = read_news_text(text, "a.txt")
    assert release.title == unicodedata.normalize("NFD", "창원시 소식")
    assert release.body == unicodedata.normalize("NFD", "창원시가 나무를 심는다.")
    assert (release.outlet, release.reporter) == ("에나뉴스", "이도균")


@pytest.mark.parametrize(
    ("head", "published_at"),
    [
        ("수정 2023.04.25 01:28\n입력 2023.04.24 23:00", seoul(2023, 4, 24, 23)),
        ("최종수정 2023.04.25 01:28", None),
        ("기사입력 2023-04-25 오후 01:28", seoul(2023, 4, 25, 13, 28)),
        ("2023.04.25 01:28 | 수정 2023.04.26 09:00", seoul(2023, 4, 25, 1, 28)),
        ("작성일\n2023-04-25\n조회수\n31", seoul(2023, 4, 25)),
        ("승인 2023.02.30 01:28", None),
        ("23.04.25 01:28", seoul(2023, 4, 25, 1, 28)),
    ],
)
def test_publication_is_what_the_page_calls_it(head: str, published_at: datetime | None) -> None:
    release = read_news_text(f"제목 한 줄\n{head}\n\n창원시가 2021년 3월 2일에 나무를 심었다.\n", "a.txt")
    assert release.published_at == published_at
    assert release.body == "창원시가 2021년 3월 2일에 나무를 심었다."


@pytest.mark.parametrize(
    ("dateline", "outlet", "reporter"),
    [
        ("[경남에나뉴스 | 이도균 기자] ", "경남에나뉴스", "이도균"),
        ("(서울=연합뉴스) 홍길동 기자 = ", "연합뉴스", "홍길동"),
        ("[창원=뉴시스]홍길동 기자 = ", "뉴시스", "홍길동"),
        ("【창원=뉴시스】 ", "뉴시스", ""),
        ("[아시아경제 홍길동 기자] ", "아시아경제", "홍길동"),
        ("[헤럴드경제(창원)=홍길동 기자] ", "헤럴드경제", "홍길동"),
        ("[더데일리ㅣ창원=홍길동 기자] ", "더데일리", "홍길동"),
        ("[창원=홍길동 기자] ", "", "홍길동"),
        ("SEOUL, April 25 (Yonhap) -- ", "Yonhap", ""),
    ],
)
def test_datelines_give_fields_and_leave_the_body(dateline: str, outlet: str, reporter: str) -> None:
    release = read_news_text(f"제목 한 줄\n\n{dateline}창원시가 나무를 심었다.\n", "a.txt")
    assert (release.outlet, release.reporter) == (outlet, reporter)
    assert release.body == "창원시가 나무를 심었다."


@pytest.mark.parametrize("bracket", ["[단독] ", "(사진 왼쪽) ", "[종합=2보] ", "(주)에나는 "])
def test_a_bracket_that_is_no_dateline_stays(bracket: str) -> None:
    release = read_news_text(f"제목 한 줄\n\n{bracket}창원시가 나무를 심었다.\n", "a.txt")
    assert release.body == f"{bracket}창원시가 나무를 심었다."
    assert release.outlet == ""


def test_wrapped_prose_and_lists_make_no_headings() -> None:
    text = "제목 한 줄\n\n창원시가 나무를 심었다.\n\n올봄에 심은 나무는\n모두 3만 그루다.\n\n□ 심은 곳\n\n시청 앞이다.\n"
    release = read_news_text(text, "a.txt")
    assert release.headings == ()
    assert "올봄에 심은 나무는" in release.body


def test_a_sentence_with_a_credit_is_not_lost_as_a_caption() -> None:
    release = read_news_text("제목 한 줄\n\n창원시가 나무를 심었다. (사진=창원시)\n", "a.txt")
    assert release.body == "창원시가 나무를 심었다. (사진=창원시)"


@pytest.mark.parametrize(
    "text", ["댓글 0\n주요기사\n", "입력 2023.04.25 01:28\n공유\n", "가" * 151, "나" * 200]
)
def test_a_page_without_a_title_is_refused(text: str) -> None:
    if "기사" in text:
        text = "댓글 0\n공유\n"
    with pytest.raises(ContentError, match="제목"):
        read_news_text(text, "a.txt")


# Syllables that occur in no boilerplate and in no Korean ending.
words = st.text(alphabet="갉넓뎧룡뮳뵭쉛좕쿐퓕", min_size=2, max_size=6)
clauses = st.lists(words, min_size=3, max_size=12).map(" ".join)
sentences = clauses.map(lambda clause: f"{clause} 했다.")
headings = st.lists(words, min_size=2, max_size=4).map(" ".join)
articles = st.lists(
    st.one_of(sentences, st.tuples(headings, sentences).map("\n".join)), min_size=1, max_size=8
).map("\n\n".join)


@given(title=headings, subtitle=headings, article=articles)
@pytest.mark.parametrize("furnished", [False, True])
def test_every_word_of_an_article_survives(furnished: bool, title: str, subtitle: str, article: str) -> None:
    assume(title not in article and title not in subtitle)
    # A subtitle that only repeats a part of the title is none.
    assume(subtitle.replace(" ", "") not in title.replace(" ", ""))
    page = f"{title}\n\n- {subtitle}\n\n{article}\n"
    if furnished:
        page = (
            f"홈 > 뉴스 > 사회\n{title}\n상태바\n{title}\n  • 이도균 기자\n  • 승인 2023.04.25 01:28\n"
            f"  • 댓글 0\n\n- {subtitle}\n\n[에나뉴스 | 이도균 기자] {article}\n\n저작권자 ⓒ 에나뉴스 무단전재 금지\n"
        )
    release = read_news_text(page, "a.txt")
    assert release.title == title
    assert release.subtitles == (subtitle,)
    assert release.body.split() == article.split()


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        release = read_news_text(text, "a.txt")
    except ContentError:
        return
    assert release.title.strip()


def test_no_pattern_takes_forever() -> None:
    for text in (
        "가 " * 20_000,
        "홈 > " * 5_000,
        "[" * 20_000,
        "(c) " * 5_000,
        "2023." * 10_000,
        "▶" * 20_000,
    ):
        page = f"제목 한 줄\n\n{text}\n\n나무를 심었다.\n\n{text}\n"
        assert re.sub(r"\s", "", read_news_text(page, "a.txt").body)


def test_a_line_of_arrows_takes_no_time() -> None:
    page = "창원시 소식\n" + "홈 > 가" + " > 나 " * 40 + "> " * 40 + "\n\n창원시가 나무를 심었다.\n"
    started = time.process_time()
    read_news_text(page, "a.txt")
    assert time.process_time() - started < 5
