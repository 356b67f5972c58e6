"""The element of a page that holds its article, the files it links to, and pages that hold none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from indexer.sources.formats.document import Block, Paragraph
from indexer.sources.formats.html_text import Element, text_of

_FILE_NAME = re.compile(
    r"[^\\/:*?\"<>|\n]{1,150}?\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|odt)(?![A-Za-z])", re.I
)
# Any suffix: who fetches the files chooses by it.
_NAME_OF_ANY_FILE = re.compile(r"[^\\/:*?\"<>|\n]{1,150}?\.[A-Za-z][A-Za-z0-9]{1,4}(?![A-Za-z0-9])")
_FILE_PATH = re.compile(r"\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|odt)$", re.I)
# The ancestors of a link whose text is searched for the name of its file.
_NAME_ANCESTORS = 3
# How much more text an ancestor must bring to be taken as the article, and how much a linked letter costs.
_LEAST_GAIN = 1.1
_LINK_COST = 4.0
_LEAST_LISTED_ROWS, _LISTED_SHARE = 5, 0.7
_NEWS_SENTENCE = re.compile(r"(?<!니)다[.”]")
# Measured on the releases of korea.kr with up to 600 characters: none is taken for such a page. Pages that
# ask for a login have some 360.
_LONGEST_ERROR_CHARS, _LONGEST_SERVER_PAGE_CHARS = 250, 600
# Errors and requests to log in, as servers address a visitor (…습니다, …세요).
_ERROR = re.compile(
    r"(?:페이지|파일|자료|문서|게시물|게시글|첨부\w*|주소|정보)[가를을은는이]?\s.{0,12}"
    r"(?:(?:찾을|열|볼)\s?수\s?없습|존재하지\s?않습|삭제되었습)"
    r"|(?:페이지|파일|자료|문서|게시물|게시글|첨부\w*|정보)[가이]\s?없습니다"
    r"|세션이?\s?.{0,10}(?:만료|종료)(?:되었|됐)|로그인[을이]?\s?(?:해|하여|하신)?\s?(?:[후뒤]에?\s)?(?:주세요|주시|하세요|하시기|필요|바랍|이용)"
    r"|권한이\s?(?:없습|필요)|잘못된\s?(?:접근|요청|경로)|비정상\s?적인?\s?접근|(?:서비스|시스템)\s?(?:점검|오류)[가를은]?\s?(?:중|안내|입니다|발생)"
    r"|\b(?:400|401|403|404|500|502|503|504)\b.{0,4}(?:not\s?found|forbidden|error|bad|internal|unauthorized|service|gateway)"
    r"|not\s?found|access\s?denied|forbidden|internal server error|session (?:has )?(?:expired|timed out)",
    re.I,
)
_THING = r"(?:페이지|파일|자료|문서|게시물|게시글|글|첨부\w{0,4}|주소|정보|콘텐츠|컨텐츠)"
# What only a server says, however much it adds; no release in the style of news has it.
_SERVER_WORDS = re.compile(
    r"(?:(?:삭제(?:되|된|하)|이동(?:되|된|한)|변경(?:되|된))\S{0,4}\s(?:존재하지\s?않는|없는)?|존재하지\s?않(?:거나.{0,12}|는)"
    rf"|(?:^|\s)없는)\s?{_THING}\s?입니다"
    rf"|{_THING}[가를을은는이]?\s.{{0,20}}(?:찾을\s?수\s?없습니다|존재하지\s?않습니다|삭제되었습니다)"
    r"|접속자가?\s?(?:많|폭주)|잠시\s?(?:후|뒤)에?\s?다시\s?(?:이용|시도|접속)|로그인이\s?필요(?:한|합니다)"
    r"|(?:접근|열람|조회)\s?권한이\s?없습니다|비정상\s?적인?\s?(?:접근|요청)|자바스크립트를?\s.{0,12}(?:켜|활성|사용)"
    r"|enable javascript|checking your browser|request rejected",
    re.I,
)
_LOGIN_WORDS = re.compile(r"(?:아이디|\bID\b)[^.]{0,40}(?:비밀번호|패스워드|password)", re.I)


def find_article(root: Element, heading: Element | None) -> Element:
    """The element that holds the article.

    The only <article> or <main>; else the smallest element around the heading beyond which little text is
    gained; else the body.
    """
    body = root.find("body")
    body = root if body is None else body
    marked = [element for tag in ("article", "main") for element in body.iter(tag)]
    if len(marked) == 1:
        return marked[0]
    if heading is None:
        return body
    best, ancestor = heading, heading.getparent()
    best_score = 0.0
    while ancestor is not None and ancestor.tag != "html":
        score = _text_score(ancestor)
        if score <= best_score * _LEAST_GAIN and best is not heading:
            break
        best, best_score = ancestor, max(score, best_score)
        ancestor = ancestor.getparent()
    return best


def find_attachments(article: Element, address: str) -> Iterator[tuple[str, str]]:
    """Names and addresses of the files that the article links to; `address` is that of the page, or ''."""
    # Many links may have one parent: its text is searched once.
    names: dict[Element, re.Match[str] | None] = {}
    for link in article.iter("a"):
        href = link.get("href", "")
        element, name = _file_name_near(link, names)
        try:
            path = urlsplit(href).path
        except ValueError:
            continue
        url = _full_address(href, address)
        if _FILE_PATH.search(path):
            yield name or PurePosixPath(path).name, url
        elif name and (element is link or (element.tag == "li" and "down" in href.lower())):
            yield name, url


def find_links(article: Element, address: str) -> Iterator[tuple[str, str]]:
    """All links to http(s): the name of a file that the text of the link has, or '', and the address."""
    for link in article.iter("a"):
        if url := _full_address(link.get("href", ""), address):
            name = _NAME_OF_ANY_FILE.search(text_of(link))
            yield name[0].strip() if name else "", url


def _full_address(href: str, address: str) -> str:
    try:
        full = urljoin(address, href) if href and not href.startswith(("javascript:", "#")) else ""
    except ValueError:
        return ""
    return full if full.startswith(("http://", "https://")) else ""


def _file_name_near(link: Element, names: dict[Element, re.Match[str] | None]) -> tuple[Element, str]:
    """The name of a file in a link or near it, and the element that holds it; '' where there is none.

    A link may only say "download", with the name beside it.
    """
    element = link
    match = None
    for _ in range(_NAME_ANCESTORS):
        if element not in names:
            names[element] = _FILE_NAME.search(text_of(element))
        match = names[element]
        if match or element.getparent() is None or element.tag == "li":
            break
        element = element.getparent()
    return element, match[0].strip() if match else ""


def has_listing(article: Element) -> bool:
    """Whether a table of links fills the page, as the board of a press office does."""
    for table in article.iter("table"):
        rows = list(table.iter("tr"))
        linked = sum(row.find(".//a") is not None for row in rows)
        if linked >= _LEAST_LISTED_ROWS and linked >= _LISTED_SHARE * len(rows):
            return True
    return False


def has_news_sentence(blocks: tuple[Block, ...]) -> bool:
    """Whether a paragraph has a sentence in the style of news (…다.); a site speaks politely (…습니다)."""
    return any(isinstance(block, Paragraph) and _NEWS_SENTENCE.search(block.text) for block in blocks)


def is_error_page(text: str, blocks: tuple[Block, ...]) -> bool:
    """Whether a page reports an error, has nothing to show or asks for a login.

    `text` is that of its title and `blocks`. Very short ones are told by their words, longer ones by what
    only a server says, where no sentence is in the style of news.
    """
    if len(text) <= _LONGEST_ERROR_CHARS and _ERROR.search(text):
        return True
    if len(text) > _LONGEST_SERVER_PAGE_CHARS or has_news_sentence(blocks):
        return False
    is_login = "로그인" in text and _LOGIN_WORDS.search(text) is not None
    return is_login or _SERVER_WORDS.search(text) is not None


def _text_score(element: Element) -> float:
    """Characters of text, less four times those in links."""
    linked = sum(len(text_of(link)) for link in element.iter("a"))
    return len(text_of(element)) - _LINK_COST * linked
