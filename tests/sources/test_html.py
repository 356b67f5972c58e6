"""Saved pages and fragments: the article stays, the site around it goes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from indexer.release import SEOUL, Attachment, PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.problems import ReadProblem
from tests.support.corpus import read_one, refuse_one, write
from tests.support.releases import ARTICLE, WEB_PAGE


def test_a_saved_page_gives_its_article(tmp_path: Path) -> None:
    release = read_one(tmp_path, "a.html", WEB_PAGE)
    assert (release.title, release.outlet) == ("하노버에 첫 창원공동관", "창원시")
    assert release.url == "https://example.org/news/1"
    assert release.published_at == datetime(2023, 4, 3, tzinfo=SEOUL)
    assert release.attachments == (Attachment("하노버 자료.hwpx", "https://example.org/down/1.hwpx"),)
    assert release.body.splitlines() == [
        ARTICLE, "둘째 문단이 여기에 있다.", "셋째 줄이다.", "공동관 규모", "구분 | 수", "부스 | 8",
    ]  # fmt: skip
    assert [(len(section.paragraphs), section.table) for section in release.sections] == [(3, 0), (3, 1)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_page_reads_the_same_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    page = WEB_PAGE.replace(
        'charset="utf-8"', 'charset="euc-kr"' if encoding == "cp949" else 'charset="utf-8"'
    )
    assert read_one(tmp_path, "a.html", page.encode(encoding)).body.startswith(ARTICLE)


def test_a_fragment_needs_no_page(tmp_path: Path) -> None:
    release = read_one(tmp_path, "a.txt", f"<div><h3>하노버에 첫 창원공동관</h3><p>{ARTICLE}</p></div>")
    assert release.title == "하노버에 첫 창원공동관"
    assert release.body == ARTICLE


def test_markdown_that_begins_with_a_tag_stays_markdown(tmp_path: Path) -> None:
    assert "title" in refuse_one(tmp_path, "a.md", f"<div align=center></div>\n\n{ARTICLE}\n").reason


def test_a_list_of_releases_is_no_release(tmp_path: Path) -> None:
    rows = "".join(f'<tr><td>{n}</td><td><a href="/{n}">창원시 소식 {n}번째</a></td></tr>' for n in range(9))
    page = f"<html><head><title>보도자료 목록</title></head><body><table>{rows}</table></body></html>"
    assert "목록" in refuse_one(tmp_path, "a.html", page).reason


def test_a_page_without_text_is_refused(tmp_path: Path) -> None:
    assert refuse_one(tmp_path, "a.html", "<html><body></body></html>").reason


# Pages without a title of their own

FIRST = "두루미시장은 22일 시청에서 하노버시 대표단을 만나 교류를 넓히기로 했다."
SECOND = "실무 협의는 다음 달에 열린다."
BELOW = """<div><p>“이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.”</p></div>
<div><a href="#">목록</a></div>
<div><h3>보도자료</h3><p>두루미시가 배포한 자료입니다. 저작권은 두루미시에 있습니다.</p></div>
<div><h3>댓글 운영원칙</h3><p>다음의 글은 지워질 수 있습니다.</p><ul><li>1. 남의 이름을 빌린 글</li></ul></div>"""


def read_part(folder: Path, content: str) -> tuple[PressRelease, list[str]]:
    """The release of a part of a page and the reasons of what is told with it."""
    items = list(read_file(write(folder, "a.html", content)))
    (release,) = (item for item in items if isinstance(item, PressRelease))
    told = [item for item in items if isinstance(item, ReadProblem)]
    assert all(refusal.severity == "warning" and ".toml" in refusal.hint for refusal in told)
    return release, [refusal.reason for refusal in told]


@pytest.mark.parametrize("below", ["", BELOW])
def test_a_part_of_a_page_is_called_by_its_first_sentence(tmp_path: Path, below: str) -> None:
    page = (
        f"<div><div><p><span>{FIRST} {SECOND}</span></p><p><br/></p><p>둘째 문단이다.</p></div>{below}</div>"
    )
    release, told = read_part(tmp_path, page)
    assert release.title == FIRST
    assert release.body.splitlines() == [f"{FIRST} {SECOND}", "둘째 문단이다."]
    assert len(told) == 1
    assert "첫 문장" in told[0]


@pytest.mark.parametrize(
    "bold",
    [
        "<p><b>첫걸음 육아 책자 나눠 드립니다<br/>- 모든 출산 가정에 배포 -</b></p>",
        "<p><strong>첫걸음 육아 책자 나눠 드립니다</strong></p><p><strong>- 모든 출산 가정에 배포 -</strong></p>",
        '<p style="text-align:center; font-weight: 700">첫걸음 육아 책자 나눠 드립니다</p><p>- 모든 출산 가정에 배포 -</p>',
        "<p>2026. 7. 22.(수)</p><p><b>첫걸음 육아 책자 나눠 드립니다</b></p><p>- 모든 출산 가정에 배포 -</p>",
    ],
)
@pytest.mark.parametrize("below", ["", BELOW])
def test_a_part_of_a_page_is_called_by_its_first_bold_line(tmp_path: Path, bold: str, below: str) -> None:
    release, told = read_part(tmp_path, f"<div><div>{bold}<p>{FIRST}</p><p>{SECOND}</p></div>{below}</div>")
    assert release.title == "첫걸음 육아 책자 나눠 드립니다"
    assert release.subtitles == ("모든 출산 가정에 배포",)
    assert release.body.splitlines() == [FIRST, SECOND]
    assert len(told) == 1
    assert "굵은" in told[0]


def test_bold_words_in_the_text_are_no_title(tmp_path: Path) -> None:
    release, _ = read_part(tmp_path, f"<div><p>{FIRST}</p><p><b>행사 개요</b></p><p>{SECOND}</p></div>")
    assert release.title == FIRST
    assert "행사 개요" in release.body


def test_a_long_first_sentence_is_cut_for_the_title_only(tmp_path: Path) -> None:
    long = "두루미시는 봄꽃길과 장미길과 단풍길과 눈꽃길을 차례로 " * 6 + "연다."
    release, _ = read_part(tmp_path, f"<div><p>{long}</p><p>{SECOND}</p></div>")
    assert len(release.title) <= 150
    assert release.title.endswith("…")
    assert release.body.splitlines() == [long, SECOND]


@pytest.mark.parametrize("named", ["보도자료", "보도자료 | 두루미시청", "브리핑룸 - 상세보기", "정책브리핑"])
def test_the_name_of_a_place_of_the_site_is_no_title(tmp_path: Path, named: str) -> None:
    head = f'<title>{named}</title><meta property="og:title" content="{named.split(" ")[0]}">'
    page = f"<html><head>{head}</head><body><h1>보도자료</h1><div><p>{FIRST}</p><p>{SECOND}</p></div></body></html>"
    release, told = read_part(tmp_path, page)
    assert (release.title, release.body) == (FIRST, f"{FIRST}\n{SECOND}")
    assert len(told) == 1


def test_the_title_behind_the_name_of_a_place_is_found(tmp_path: Path) -> None:
    page = f"<html><head><title>보도자료 - 두루미시와 하노버시 교류 넓힌다 | 두루미시청</title></head><body><p>{FIRST}</p></body></html>"
    release, told = read_part(tmp_path, page)
    assert (release.title, told) == ("두루미시와 하노버시 교류 넓힌다", [])


@pytest.mark.parametrize(
    "furniture",
    [
        "<h4>관련기사</h4><ul><li>다른 소식을 전한다고 밝혔다.</li></ul>",
        "<h3>이 페이지에 만족하십니까?</h3><p>의견을 남겨 주시면 반영하겠습니다.</p>",
        "<h3>댓글 3개</h3><p>좋은 소식을 전해 주어 고맙습니다.</p>",
        "<h3>저작권 안내</h3><p>모든 글은 두루미시의 것입니다.</p>",
    ],
)
@pytest.mark.parametrize("framed", [True, False])
def test_what_a_site_puts_below_an_article_goes(tmp_path: Path, furniture: str, framed: bool) -> None:
    below = f"<div>{furniture}</div>" if framed else furniture
    release, _ = read_part(tmp_path, f"<div><p>{FIRST}</p><p>{SECOND}</p>{below}</div>")
    assert release.body.splitlines() == [FIRST, SECOND]


def test_an_article_about_comments_keeps_its_headings(tmp_path: Path) -> None:
    page = f"<div><h2>댓글 문화를 바꾸는 두루미시 캠페인</h2><h3>댓글</h3><p>{FIRST}</p><h3>배경</h3><p>{SECOND}</p></div>"
    release, _ = read_part(tmp_path, page)
    assert release.title == "댓글 문화를 바꾸는 두루미시 캠페인"
    assert [FIRST in release.body, SECOND in release.body] == [True, True]


def test_words_for_screen_readers_are_no_text(tmp_path: Path) -> None:
    page = f'<div><h2>두루미시와 하노버시 교류 넓힌다</h2><p>{FIRST} <span class="blind">새창 열림</span></p></div>'
    assert read_part(tmp_path, page)[0].body == FIRST


@pytest.mark.parametrize("encoding", ["utf-8", "euc-kr"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n", "<!-- 저장한 쪽 -->\n"])
def test_xhtml_with_a_declaration_is_read(tmp_path: Path, encoding: str, before: str) -> None:
    if before == "\ufeff" and encoding == "euc-kr":
        pytest.skip("EUC-KR has no byte order mark")
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">'
    page = (
        f'{before}<?xml version="1.0" encoding="{encoding}"?>\n{doctype}<html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>두루미시와 하노버시 교류 넓힌다</title></head><body><p>{FIRST}</p></body></html>"
    )
    release = read_one(tmp_path, "a.html", page.encode(encoding))
    assert (release.title, release.body) == ("두루미시와 하노버시 교류 넓힌다", FIRST)


def article(inner: str, *, framed: bool = False) -> str:
    text = f"<h1>두루미와 하노버 교류 넓힌다</h1><p>{FIRST}</p>{inner}<p>{SECOND}</p>"
    return f"<html><body>{'<article>' if framed else '<div>'}{text}{'</article>' if framed else '</div>'}</body></html>"


@pytest.mark.parametrize(
    ("inner", "lines"),
    [
        ('<p class="navy">신청은 전화로 받는다.</p>', ["신청은 전화로 받는다."]),
        ('<p id="location">장소는 진해루다.</p>', ["장소는 진해루다."]),
        (
            '<table><tr class="header"><th>구분</th><th>내용</th></tr>'
            '<tr><td class="header">장소</td><td class="location">진해루</td></tr></table>',
            ["구분 | 내용", "장소 | 진해루"],
        ),
        ('<dl><dt>장소</dt><dd class="location">진해루</dd></dl>', ["장소", "진해루"]),
        ('<blockquote class="comments">시장은 기쁘다고 말했다.</blockquote>', ["시장은 기쁘다고 말했다."]),
        (
            "<h3>개인정보 보호 강화</h3><p>시는 명단을 바로 없앤다고 말했다.</p>",
            ["시는 명단을 바로 없앤다고 말했다."],
        ),
        ("<h3>시민 만족도 조사 결과</h3><p>열에 아홉이 만족했다.</p>", ["열에 아홉이 만족했다."]),
        ("<h4>저작권 교육 확대</h4><p>학교마다 교실을 연다.</p>", ["학교마다 교실을 연다."]),
        ('<p><a href="https://a.example.org/">https://a.example.org/</a></p>', ["https://a.example.org/"]),
        (
            '<p>신청: <a href="https://a.example.org/b/c">https://a.example.org/b/c</a></p>',
            ["신청: https://a.example.org/b/c"],
        ),
        ('<p><a href="https://a.example.org/">봄꽃 지도 누리집</a></p>', ["봄꽃 지도 누리집"]),
        ("<p>○ 공공누리 제1유형 사진 3천 장 개방</p>", ["○ 공공누리 제1유형 사진 3천 장 개방"]),
        ("<table><tr><td>공공누리</td><td>3천 장</td></tr></table>", ["공공누리 | 3천 장"]),
        ("<p>- 웹툰 무단 전재와 재배포 금지 캠페인</p>", ["- 웹툰 무단 전재와 재배포 금지 캠페인"]),
        ("<table><tr><td>1,<b>000</b>명</td><td>봄<b>꽃</b>길</td></tr></table>", ["1,000명 | 봄꽃길"]),
        ("<pre>첫째 줄이다.\n둘째 줄이다.</pre>", ["첫째 줄이다.", "둘째 줄이다."]),
        ("<textarea readonly>글상자의 글이다.</textarea>", ["글상자의 글이다."]),
    ],
)
def test_what_a_reader_sees_in_an_article_is_kept(tmp_path: Path, inner: str, lines: list[str]) -> None:
    body = read_part(tmp_path, article(inner))[0].body.splitlines()
    assert [line for line in body if line in lines] == lines


def test_the_footer_of_an_article_is_its_own(tmp_path: Path) -> None:
    inner = "<aside><p>곁글이다.</p></aside><footer><p>끝에 덧붙인 글이다.</p></footer>"
    body = read_part(tmp_path, article(inner, framed=True))[0].body
    assert "곁글이다." in body
    assert "끝에 덧붙인 글이다." in body


@pytest.mark.parametrize(
    "around",
    [
        '<ul><li><a href="/1">시정 소식</a></li><li><a href="/2">구청 소식</a></li><li><a href="/3">알림판</a></li></ul>',
        '<p><a href="#">목록</a></p>',
        '<div class="reply_area"><strong>댓글 운영 원칙</strong><p>욕설이 든 댓글은 지웁니다.</p></div>',
        '<div id="footer_wrap"><p>두루미시 하늘로 1 대표전화 1899-1111</p></div>',
        "<p>이 누리집의 댓글 운영 원칙</p><ul><li>욕설은 지웁니다.</li></ul>",
        "<p>ⓒ 두루미시 2025</p>",
        '<p style="position:absolute;left:-9999px">숨긴 글이다.</p>',
    ],
)
def test_what_leads_around_the_site_goes(tmp_path: Path, around: str) -> None:
    page = f"<html><body><div><h1>두루미와 하노버 교류 넓힌다</h1><p>{FIRST}</p><p>{SECOND}</p></div>{around}</body></html>"
    assert read_part(tmp_path, page)[0].body.splitlines() == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (f"<p><strong>문의</strong> : 관광과 055-123-4567</p><p>{FIRST} {SECOND}</p>", FIRST),
        (f"<p><b>담당부서: 관광과</b></p><p>{FIRST} {SECOND}</p>", FIRST),
        (
            f"<p>이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.</p><p>{FIRST} {SECOND}</p>",
            FIRST,
        ),
        (
            "<p>두루미시는 “꽃 보러 오세요.”라며 축제를 연다. 장소는 강가다.</p>",
            "두루미시는 “꽃 보러 오세요.”라며 축제를 연다.",
        ),
    ],
)
def test_the_first_sentence_is_one_of_the_text(tmp_path: Path, content: str, title: str) -> None:
    release, _ = read_part(tmp_path, f"<div>{content}</div>")
    assert release.title == title
    assert title in release.body


def test_the_cell_of_a_title_names_a_page(tmp_path: Path) -> None:
    rows = "<tr><td>제목</td><td>두루미시, 봄꽃길 연다</td></tr><tr><td>담당부서</td><td>관광과</td></tr>"
    page = (
        f"<html><head><title>두루미시청</title></head><body><table>{rows}</table><p>{FIRST}</p></body></html>"
    )
    release, told = read_part(tmp_path, page)
    assert (release.title, told) == ("두루미시, 봄꽃길 연다", [])
    assert "두루미시청" not in release.body


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>세션이 만료되었습니다. 다시 로그인해 주세요. 이용에 불편을 드려 죄송합니다.</body></html>",
        "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1>"
        "<p>요청하신 페이지를 찾을 수 없습니다. 주소를 다시 확인해 주시기 바랍니다.</p></body></html>",
        "<html><body><p>이 게시물을 볼 권한이 없습니다. 관리자에게 문의하세요.</p></body></html>",
        "<html><head><title>두루미시청</title></head><body><p>삭제되었거나 존재하지 않는 게시물입니다.</p></body></html>",
        "<html><body><p>존재하지 않거나 이미 삭제된 글입니다. 목록으로 돌아가 주십시오.</p></body></html>",
        "<html><head><title>두루미시청</title></head><body><h2>서비스 이용에 불편을 드려 죄송합니다.</h2><p>현재 접속자가 많아"
        " 서비스가 지연되고 있습니다. 잠시 후 다시 이용해 주시기 바랍니다. 문의: 정보통신과 055-123-4567</p></body></html>",
        "<html><head><title>두루미시청 로그인</title></head><body><h1>로그인</h1><p>회원 서비스를 이용하시려면 로그인하여 주시기"
        " 바랍니다. 아이디와 비밀번호를 잊으신 분은 아래의 찾기를 눌러 주시기 바랍니다.</p>"
        "<p>비밀번호를 다섯 번 틀리면 계정이 잠깁니다. 공용 컴퓨터에서는 이용을 마친 뒤 반드시 나가기를 눌러 주십시오."
        " 안전한 이용을 위하여 석 달마다 비밀번호를 바꾸시기 바랍니다. 회원이 아니신 분은 회원 가입을 먼저 하여 주시고, 회원 가입에"
        " 대한 안내는 누리집 아래의 이용 안내를 살펴보아 주시기 바랍니다. 본인 확인이 되지 않으면 가입하실 수 없습니다.</p></body></html>",
        "<html><body><p>이 페이지는 자바스크립트를 켜야 볼 수 있습니다. 브라우저의 설정을 바꾸어 주십시오.</p></body></html>",
    ],
)
@pytest.mark.parametrize("name", ["a.html", "a.hwp", "a.pdf"])
def test_a_page_that_says_what_went_wrong_is_no_release(tmp_path: Path, page: str, name: str) -> None:
    reason = refuse_one(tmp_path, name, page).reason
    assert ("오류나 로그인" if name == "a.html" else "HTML 쪽") in reason


@pytest.mark.parametrize(
    "news",
    [
        "두루미시는 접속자가 많아 멈추었던 누리집을 고쳤다. 잠시 뒤 다시 시도하라는 말은 더 나오지 않는다.",
        "두루미시는 시민의 이용에 불편을 드려 죄송합니다. 봄꽃길은 모레 다시 열립니다. 아이디어도 받습니다.",
        "두루미시는 봄꽃길 신청을 받습니다. 누리집에 로그인하여 신청하시기 바라며 자료는 모두 무료입니다.",
        "두루미시는 신문사에 자료를 요구하지 않았으며, 관련 자료를 제출받은 바가 없습니다.",
        "시스템 오류로 한글 파일만 붙였습니다. 봄꽃길의 지도는 고친 뒤에 다시 올립니다.",
    ],
)
def test_news_in_the_words_of_a_server_is_a_release(tmp_path: Path, news: str) -> None:
    assert read_part(tmp_path, f"<div><h2>두루미시 봄꽃길 소식</h2><p>{news}</p></div>")[0].body == news


def test_news_about_logging_in_is_a_release(tmp_path: Path) -> None:
    news = "두루미시는 시민이 한 번만 로그인하면 되는 누리집을 열었다고 밝혔다. 페이지를 찾을 수 없다는 말도 사라졌다."
    assert read_part(tmp_path, f"<div><h2>두루미시 누리집 새로 연다</h2><p>{news}</p></div>")[0].body == news


@pytest.mark.parametrize(
    "news",
    [
        "두루미시는 사진 천 장을 공공누리 제1유형으로 열었다고 밝혔다.",
        "두루미시는 저작권법 제35조를 어기면 처벌받는다고 알렸다.",
        "시민 작품의 저작권은 시민에게 있다. 두루미시는 이를 조례로 정했다.",
    ],
)
def test_news_about_licences_is_kept(tmp_path: Path, news: str) -> None:
    page = f"<div><h2>두루미시, 시민 작품의 권리를 지킨다</h2><p>{FIRST}</p><p>{news}</p></div>"
    assert read_part(tmp_path, page)[0].body.splitlines() == [FIRST, news]


@pytest.mark.parametrize(
    "notice",
    [
        "본 저작물은 공공누리 제1유형(출처표시)에 따라 이용할 수 있습니다.",
        "저작권법 제37조 및 제138조에 따라 이를 어기면 처벌을 받을 수 있습니다.",
        "두루미시가 배포한 자료입니다. 저작권은 두루미시에 있습니다.",
    ],
)
def test_notices_of_the_site_go(tmp_path: Path, notice: str) -> None:
    page = f"<div><h2>두루미시, 시민 작품의 권리를 지킨다</h2><p>{FIRST}</p><p>{notice}</p></div>"
    assert read_part(tmp_path, page)[0].body.splitlines() == [FIRST]
