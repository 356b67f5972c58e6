"""HTML (a saved page or a fragment) -> document: the article of the page, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

from indexer.sources.content_error import ContentError
from indexer.sources.decoding import decode
from indexer.sources.document import Block, Document, Found, Paragraph, Table
from indexer.sources.page_title import (
    HEADINGS,
    first_line_title,
    head_title,
    is_of_site,
    link_share,
    text_of,
    title_heading,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DROPPED = (
    "script", "style", "noscript", "template", "iframe", "object", "svg", "canvas", "audio", "video", "map",
    "nav", "footer", "aside", "select", "button", "textarea", "input", "dialog",
)  # fmt: skip
_AROUND = re.compile(
    r"(?:gnb|lnb|snb|nav\w*|\w*menu|breadcrumbs?|location|footer|header|aside|sidebar|banner|sns\w*|share\w*"
    r"|related\w*|recommend\w*|comments?|reply|pagination|paging|skip\w*|copyright|toolbar|popup|modal"
    r"|quick\w*|prev|next|prevnext|ranking)",
    re.I,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BLOCK_TAGS = _words(
    """
    address article blockquote body caption center dd details div dl dt fieldset figcaption figure
    h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table tbody td tfoot th thead tr ul summary
    br
    """
)
_FILE_NAME = re.compile(
    r"[^\\/:*?\"<>|\n]{1,150}?\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|odt)(?![A-Za-z])", re.I
)
_FILE_PATH = re.compile(r"\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|odt)$", re.I)
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?\s*([\w-]+)", re.I)
_CHARSET_SEARCHED_BYTES = 4_096
_MOST_LINK_SHARE = 0.6
_LEAST_ARTICLE_CHARS = 20
_LONGEST_LICENCE_CHARS = 200
_NAME_IT = "쪽 전체를 저장해 넣거나 옆에 이름이 같은 .toml을 두고 title을 쓰세요."
_LEAST_LISTED_ROWS, _LISTED_SHARE = 5, 0.7
_SPACES = re.compile(r"\s+")
_LICENCE = re.compile(
    r"공공누리|첨부\s?파일을 확인해|미리보기가 제한|저작권(?:은|자는)\s.{1,30}에\s?(?:있|귀속)"
    r"|무단\s?전재.{0,30}금지|저작권법\s?제\d+조.{0,60}(?:처벌|벌칙)"
)
# How news is told: a site speaks to its readers otherwise (…습니다).
_NEWS = re.compile(r"(?<!니)다[.\"”]")
# Headings of what a site puts below every article; the part of the page that they head goes with them.
_BELOW_ARTICLE = re.compile(
    r"(?:.{0,8}댓글\s?.{0,12}(?:운영|작성|이용|원칙|정책|규정|안내|쓰기|달기|삭제).{0,12}|댓글(?:\s?[\d,]+개?)?|(?:이용\s?)?약관.{0,6}"
    r"|(?:저작권|개인\s?정보)\s?.{0,12}|.{0,20}만족(?:도|하십니까|하시나요|하셨습니까).{0,12}|공유(?:하기)?|목록"
    r"|(?:관련|연관|추천|인기|최신|많이\s?본|다른)\s?(?:기사|뉴스|글|보도\s?자료|콘텐츠|게시물).{0,8}|(?:이전|다음)\s?(?:글|기사).{0,8}"
    r"|(?:콘텐츠|자료|페이지)\s?(?:담당|관리).{0,10}|정보\s?제공\s?부서.{0,10})"
)
# Text for screen readers, which no one sees.
_FOR_SCREEN_READERS = re.compile(
    r"(?:blind|sr[-_]?only|visually[-_]?hidden|screen[-_]?(?:out|reader\w*)|hidden|hide)", re.I
)
_LONGEST_FOR_SCREEN_READERS_CHARS = 40
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
    _clean(root, etree)
    found = [item for item in found if item.field != "title" or not is_of_site(item.value)]
    heading = title_heading(root, found)
    article = _article(root, heading)
    attachments = tuple(dict.fromkeys(_attachments(article, address)))
    blocks = tuple(_blocks(article))
    blocks = tuple(block for block in blocks if not (_is_heading(block) and is_of_site(_plain(block))))
    blocks = tuple(block for block in blocks if not _is_licence(_plain(block)))
    if heading is not None:
        title = text_of(heading)
        found = [Found("title", title, f"쪽의 제목(<{heading.tag}>)"), *found]
        blocks = tuple(block for block in blocks if _plain(block) != title)
    elif not any(item.field == "title" for item in found) and (named := head_title(root)):
        found.append(Found("title", named, "<title>"))
    length = sum(len(_plain(block)) for block in blocks)
    empty = length < _LEAST_ARTICLE_CHARS or link_share(article) > _MOST_LINK_SHARE
    if (empty and not attachments) or (heading is None and _has_listing(article)):
        raise ContentError(
            "보도자료 본문을 찾을 수 없는 쪽입니다(목록이나 메뉴).", "보도자료가 열린 쪽을 저장해 넣으세요."
        )
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


def _clean(root: Any, etree: Any) -> None:  # noqa: ANN401
    """Drop what is never the text of an article."""
    etree.strip_elements(root, *_DROPPED, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for element in list(root.iter()):
        if element.tag in ("html", "body", "head", "article", "main") or element.getparent() is None:
            continue
        names = f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}".split()
        hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style", ""))
        around = any(_AROUND.fullmatch(name) for name in names) and element.tag not in HEADINGS
        spoken = (
            any(_FOR_SCREEN_READERS.fullmatch(name) for name in names)
            and len(text_of(element)) <= _LONGEST_FOR_SCREEN_READERS_CHARS
        )
        if hidden or around or spoken:
            element.drop_tree()
    for heading in list(root.iter(*HEADINGS)):
        if _BELOW_ARTICLE.fullmatch(text_of(heading)) and _is_below_text(heading):
            _drop_headed(heading)


def _is_below_text(heading: Any) -> bool:  # noqa: ANN401
    return len("".join("".join(heading.xpath("preceding::text()")).split())) >= _LEAST_ARTICLE_CHARS


def _drop_headed(heading: Any) -> None:  # noqa: ANN401
    """Drop a heading with what it heads: the element that it begins, else what follows up to the next one."""
    parent = heading.getparent()
    if parent is None:
        return
    begins = parent[0] is heading and not (parent.text or "").strip()
    if begins and parent.tag not in ("html", "body", "article", "main"):
        parent.drop_tree()
        return
    level = HEADINGS[heading.tag]
    headed = [heading]
    for sibling in heading.itersiblings():
        if HEADINGS.get(sibling.tag, level + 1) <= level:
            break
        headed.append(sibling)
    for element in headed:
        element.drop_tree()


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
    for link in article.iter("a"):
        href = link.get("href", "")
        row = link
        # The link may only say "download": the name then stands beside it.
        named = None
        for _ in range(3):
            named = _FILE_NAME.search(text_of(row))
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
    """Paragraphs, headings and tables in order. Blocks of nothing but links are ways around the site."""
    parts: list[str] = []
    linked = 0
    level = 0

    def flush() -> Iterator[Block]:
        nonlocal linked
        for line in "".join(parts).split("\n"):
            text = " ".join(line.split())
            if text and (level or linked < _MOST_LINK_SHARE * len(text)):
                yield Paragraph(text, level=level)
        parts.clear()
        linked = 0

    # A stack of (element, entered) instead of recursion: a page may nest deeper than Python can.
    stack: list[tuple[Any, bool]] = [(article, False)]
    while stack:
        element, left = stack.pop()
        block = element.tag in _BLOCK_TAGS
        if left:
            if block:
                yield from flush()
                level = 0
            if element is not article and element.tail:
                parts.append(_collapsed(element.tail))
            continue
        if block:
            yield from flush()
        if element.tag == "table" and _is_data(element):
            yield _table(element)
            stack.append((element, True))
            continue
        level = HEADINGS.get(element.tag, level)
        if element.tag == "br":
            parts.append("\n")
        if element.text:
            parts.append(_collapsed(element.text))
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


def _is_licence(text: str) -> bool:
    """Whether a paragraph says how the page may be used; one of news may speak of that too."""
    if len(text) > _LONGEST_LICENCE_CHARS or _NEWS.search(text):
        return False
    return _LICENCE.search(text) is not None


def _is_heading(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.level > 0


def _plain(block: Block) -> str:
    return block.text if isinstance(block, Paragraph) else "\n".join(block.lines)
