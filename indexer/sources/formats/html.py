"""HTML (a saved page or a fragment) -> document: the article of the page, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

from indexer.sources.content_error import ContentError
from indexer.sources.extraction.prose import is_passed_on
from indexer.sources.formats.decoding import decode
from indexer.sources.formats.document import Block, Document, Found, Paragraph, Table
from indexer.sources.formats.page_furniture import clean, is_notice, is_way_around
from indexer.sources.formats.page_text import BLOCK_TAGS, HEADINGS, link_share, text_of
from indexer.sources.formats.page_title import (
    first_line_title,
    head_title,
    is_of_site,
    labelled_title,
    title_heading,
)

_FILE_NAME = re.compile(
    r"[^\\/:*?\"<>|\n]{1,150}?\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|odt)(?![A-Za-z])", re.I
)
_FILE_PATH = re.compile(r"\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|odt)$", re.I)
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?\s*([\w-]+)", re.I)
_CHARSET_SEARCHED_BYTES = 4_096
_MOST_LINK_SHARE = 0.6
_LEAST_LINK_LIST = 3
_LEAST_ARTICLE_CHARS = 20
_NAME_IT = "쪽 전체를 저장해 넣거나 옆에 이름이 같은 .toml을 두고 title을 쓰세요."
_LEAST_LISTED_ROWS, _LISTED_SHARE = 5, 0.7
_SPACES = re.compile(r"\s+")
_NEWS = re.compile(r"(?<!니)다[.”]")
_LONGEST_ERROR_CHARS = 250
# What a server says instead of a release, to the person in front of it (…습니다, …세요).
_ERROR = re.compile(
    r"(?:페이지|파일|자료|문서|게시물|게시글|첨부\w*|주소|정보)[가를을은는이]?\s.{0,12}"
    r"(?:찾을\s?수\s?없습|존재하지\s?않습|없습니다|삭제되었습|열\s?수\s?없습)"
    r"|세션이?\s?.{0,10}(?:만료|종료)(?:되었|됐)|(?:다시\s)?로그인.{0,12}(?:주세요|하세요|하시기|필요합니다|바랍니다)"
    r"|권한이\s?(?:없습|필요)|잘못된\s?(?:접근|요청|경로)|비정상\s?적인?\s?접근|(?:서비스|시스템)\s?(?:점검|오류)"
    r"|\b(?:400|401|403|404|500|502|503|504)\b.{0,4}(?:not\s?found|forbidden|error|bad|internal|unauthorized|service|gateway)"
    r"|not\s?found|access\s?denied|forbidden|internal server error|session (?:has )?(?:expired|timed out)",
    re.I,
)
_META = {
    "og:title": "title", "article:published_time": "published", "datePublished": "published",
    "og:site_name": "outlet", "og:url": "url",
}  # fmt: skip


def read_html(data: bytes) -> Document:
    """The article of a page. Raises ContentError where it holds none or is in an unknown encoding."""
    from lxml import etree, html

    text = _decode(data)
    try:
        # As bytes: the parser refuses a text that says in its first line which encoding it is in.
        parser = html.HTMLParser(encoding="utf-8")
        root = html.document_fromstring(text.encode(), parser=parser) if text.strip() else None
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ContentError("HTML을 읽을 수 없습니다.", "본문을 복사해 .txt 파일로 저장하세요.") from error
    if root is None:
        raise ContentError("빈 파일입니다.", "첫 줄에 제목, 그 아래에 본문을 쓰세요.")
    found = _stated(root)
    address = next((item.value for item in found if item.field == "url"), "")
    clean(root, etree)
    found = [item for item in found if item.field != "title" or not is_of_site(item.value)]
    heading = title_heading(root, found)
    article = _article(root, heading)
    attachments = tuple(dict.fromkeys(_attachments(article, address)))
    blocks = tuple(_blocks(article))
    blocks = tuple(block for block in blocks if not (_is_heading(block) and is_of_site(_plain(block))))
    blocks = tuple(block for block in blocks if isinstance(block, Table) or not is_notice(block.text))
    while blocks and isinstance(blocks[0], Paragraph) and is_passed_on(blocks[0].text):
        blocks = blocks[1:]
    if heading is not None:
        title = text_of(heading)
        found = [Found("title", title, f"쪽의 제목(<{heading.tag}>)"), *found]
        blocks = tuple(block for block in blocks if _plain(block) != title)
    elif labelled := labelled_title(blocks):
        found = [Found("title", labelled, "‘제목’ 칸"), *found]
    elif not any(item.field == "title" for item in found) and (named := head_title(root)):
        found.append(Found("title", named, "<title>"))
    length = sum(len(_plain(block)) for block in blocks)
    empty = length < _LEAST_ARTICLE_CHARS or link_share(article) > _MOST_LINK_SHARE
    if (empty and not attachments) or (heading is None and _has_listing(article) and not _tells_news(blocks)):
        raise ContentError(
            "보도자료 본문을 찾을 수 없는 쪽입니다(목록이나 메뉴).", "보도자료가 열린 쪽을 저장해 넣으세요."
        )
    if _says_error(blocks, found):
        raise ContentError("보도자료가 아니라 오류나 로그인을 알리는 쪽입니다.", "원본을 다시 받아 넣으세요.")
    warnings = []
    if not any(item.field == "title" for item in found) and (first := first_line_title(blocks, article)):
        found.append(Found("title", first.text, first.origin))
        blocks = tuple(block for number, block in enumerate(blocks) if number != first.block)
        if first.is_guess:
            warnings.append((f"제목이 없는 쪽이라 {first.origin}을 제목으로 삼았습니다.", _NAME_IT))
    return Document(blocks, tuple(found), attachments, tuple(warnings))


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:_CHARSET_SEARCHED_BYTES])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    try:
        return decode(data)
    except ContentError:
        # A page that says it is EUC-KR may hold syllables or bytes that plain text would be refused for.
        if name not in ("euc-kr", "ks_c_5601-1987", "cp949", "ms949", "utf-8"):
            raise
    text = data.decode("utf-8" if name == "utf-8" else "cp949", "replace")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)


def _stated(root: Any) -> list[Found]:  # noqa: ANN401 - lxml has no types here
    """What the page states of itself in its head."""
    found: list[Found] = []
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("itemprop") or meta.get("name") or ""
        field, value = _META.get(name), (meta.get("content") or "").strip()
        if field and value and not any(item.field == field for item in found):
            found.append(Found(field, value, f"<meta {name}>"))  # type: ignore[arg-type]
    for link in root.iter("link"):
        if link.get("rel") == "canonical" and link.get("href", "").startswith("http"):
            found.append(Found("url", link.get("href"), "<link canonical>"))
    return [item for item in found if item.field != "url" or item.value.startswith(("http://", "https://"))]


def _article(root: Any, heading: Any | None) -> Any:  # noqa: ANN401
    """The element that holds the article: upwards from its heading while there is more prose to gain."""
    body = root.find("body")
    body = root if body is None else body
    marked = [element for tag in ("article", "main") for element in body.iter(tag)]
    if len(marked) == 1:
        return marked[0]
    if heading is None:
        return body
    best, place = heading, heading.getparent()
    score = 0.0
    while place is not None and place.tag != "html":
        gained = _score(place)
        if gained <= score * 1.1 and best is not heading:
            break
        best, score = place, max(gained, score)
        place = place.getparent()
    return best


def _score(element: Any) -> float:  # noqa: ANN401
    """Characters of text outside links, less three times those inside."""
    linked = sum(len(text_of(link)) for link in element.iter("a"))
    return len(text_of(element)) - 4.0 * linked


def _has_listing(article: Any) -> bool:  # noqa: ANN401
    """Whether a table of links fills the page, as the board of a press office does."""
    for table in article.iter("table"):
        rows = list(table.iter("tr"))
        linked = sum(row.find(".//a") is not None for row in rows)
        if linked >= _LEAST_LISTED_ROWS and linked >= _LISTED_SHARE * len(rows):
            return True
    return False


def _attachments(article: Any, address: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Names and addresses of the files that the article links to."""
    # Many links may have one parent: its text is run together and searched once.
    names: dict[Any, re.Match[str] | None] = {}
    for link in article.iter("a"):
        href = link.get("href", "")
        row = link
        # The link may only say "download": the name then stands beside it.
        named = None
        for _ in range(3):
            if row not in names:
                names[row] = _FILE_NAME.search(text_of(row))
            named = names[row]
            if named or row.getparent() is None or row.tag == "li":
                break
            row = row.getparent()
        try:
            path = urlsplit(href).path
            full = urljoin(address, href) if not href.startswith(("javascript:", "#")) else ""
        except ValueError:
            continue
        url = full if full.startswith(("http://", "https://")) else ""
        if _FILE_PATH.search(path):
            yield (named[0].strip() if named else PurePosixPath(path).name), url
        elif named and (row is link or row.tag == "li") and ("down" in href.lower() or row is link):
            yield named[0].strip(), url


def _blocks(article: Any) -> Iterator[Block]:  # noqa: ANN401
    """Paragraphs, headings and tables in order, without the ways around the site: several blocks in a row of
    nothing but links, and a link alone that says so.
    """
    links: list[Paragraph] = []
    for block, is_link in _all_blocks(article):
        if is_link and isinstance(block, Paragraph):
            links.append(block)
            continue
        yield from _links_of_text(links)
        links.clear()
        yield block
    yield from _links_of_text(links)


def _links_of_text(links: list[Paragraph]) -> Iterator[Paragraph]:
    if len(links) < _LEAST_LINK_LIST:
        yield from (link for link in links if not is_way_around(link.text))


def _all_blocks(article: Any) -> Iterator[tuple[Block, bool]]:  # noqa: ANN401
    """Each block, and whether it is nothing but links."""
    parts: list[str] = []
    linked = level = preformatted = 0

    def flush() -> Iterator[tuple[Block, bool]]:
        nonlocal linked
        for line in "".join(parts).split("\n"):
            text = " ".join(line.split())
            if text:
                yield Paragraph(text, level=level), not level and linked >= _MOST_LINK_SHARE * len(text)
        parts.clear()
        linked = 0

    # A stack of (element, entered) instead of recursion: a page may nest deeper than Python can.
    stack: list[tuple[Any, bool]] = [(article, False)]
    while stack:
        element, left = stack.pop()
        block = element.tag in BLOCK_TAGS
        if left:
            if block:
                yield from flush()
                level = 0
            preformatted -= element.tag == "pre"
            if element is not article and element.tail:
                parts.append(element.tail if preformatted else _collapsed(element.tail))
            continue
        if block:
            yield from flush()
        if element.tag == "table" and _is_data(element):
            yield _table(element), False
            stack.append((element, True))
            continue
        level = HEADINGS.get(element.tag, level)
        preformatted += element.tag == "pre"
        if element.tag == "br":
            parts.append("\n")
        if element.text:
            parts.append(element.text if preformatted else _collapsed(element.text))
        if element.tag == "a":
            linked += len(text_of(element))
        stack.append((element, True))
        stack += [(child, False) for child in reversed(element) if isinstance(child.tag, str)]
    yield from flush()


def _collapsed(text: str) -> str:
    """`text` with its white space made single, that at its ends too."""
    return _SPACES.sub(" ", text)


def _is_data(table: Any) -> bool:  # noqa: ANN401
    """Whether a table holds data rather than the layout of the page."""
    rows = list(table.iter("tr"))
    widest = max((sum(cell.tag in ("td", "th") for cell in row) for row in rows), default=0)
    return widest > 1 and not table.findall(".//table")


def _table(table: Any) -> Table:  # noqa: ANN401
    rows = []
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row:
            if cell.tag in ("td", "th"):
                span = cell.get("colspan", "1")
                cells += [text_of(cell), *[""] * (min(int(span), 64) - 1 if span.isdigit() else 0)]
        rows.append(tuple(cells))
    caption = table.find("caption")
    return Table(tuple(rows), text_of(caption) if caption is not None else "")


def _tells_news(blocks: tuple[Block, ...]) -> bool:
    """Whether a paragraph speaks as news does (…다.); a site says …습니다."""
    return any(isinstance(block, Paragraph) and _NEWS.search(block.text) for block in blocks)


def _says_error(blocks: tuple[Block, ...], found: list[Found]) -> bool:
    """Whether a short page only says why there is nothing to be seen."""
    title = next((item.value for item in found if item.field == "title"), "")
    text = "\n".join((title, *map(_plain, blocks)))
    return len(text) <= _LONGEST_ERROR_CHARS and _ERROR.search(text) is not None


def _is_heading(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.level > 0


def _plain(block: Block) -> str:
    return block.text if isinstance(block, Paragraph) else "\n".join(block.lines)
