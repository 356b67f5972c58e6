"""HTML (a saved page or a fragment) -> document: the article of the page, without what surrounds it."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from indexer.sources.formats.decoding import decode
from indexer.sources.formats.document import Block, Document, FieldValue, Paragraph, Table
from indexer.sources.formats.html_article import (
    find_article,
    find_attachments,
    find_links,
    has_listing,
    has_news_sentence,
    is_error_page,
)
from indexer.sources.formats.html_blocks import blocks_of
from indexer.sources.formats.html_boilerplate import is_notice, remove_boilerplate
from indexer.sources.formats.html_text import MOST_LINK_SHARE, Element, link_share, text_of
from indexer.sources.formats.html_title import (
    first_line_title,
    head_title,
    is_of_site,
    labelled_title,
    title_heading,
)
from indexer.sources.problems import ContentError
from indexer.sources.recognizers.line_kinds import is_syndication_notice

_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?\s*([\w-]+)", re.I)
_CHARSET_SEARCHED_BYTES = 4_096
_KOREAN_CHARSETS = ("euc-kr", "euc_kr", "ks_c_5601-1987", "cp949", "ms949")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LEAST_ARTICLE_CHARS = 20
_NAME_IT = "쪽 전체를 저장해 넣거나 옆에 이름이 같은 .toml을 두고 title을 쓰세요."
_META = {
    "og:title": "title", "article:published_time": "published", "datePublished": "published",
    "article:modified_time": "corrected", "dateModified": "corrected",
    "og:site_name": "outlet", "og:url": "url",
}  # fmt: skip


def read_html(data: bytes, charset: str = "") -> Document:
    """The article of a page. `charset` is the encoding that the server told, for a page that tells none.

    Raises ContentError where the page holds none, cannot be parsed or is in an unknown encoding.
    """
    root = _parse(data, charset)
    stated = _stated_fields(root)
    address = next((item.value for item in stated if item.field == "url"), "")
    remove_boilerplate(root)
    fields = [item for item in stated if item.field != "title" or not is_of_site(item.value)]
    heading = title_heading(root, fields)
    article = find_article(root, heading)
    attachments = tuple(dict.fromkeys(find_attachments(article, address)))
    blocks = _article_blocks(article)
    if heading is not None:
        title = text_of(heading)
        fields.insert(0, FieldValue("title", title, f"쪽의 제목(<{heading.tag}>)"))
        blocks = tuple(block for block in blocks if _text(block) != title)
    elif labelled := labelled_title(blocks):
        fields.insert(0, FieldValue("title", labelled, "‘제목’ 칸"))
    elif not _title_of(fields) and (named := head_title(root)):
        fields.append(FieldValue("title", named, "<title>"))
    chars = sum(len(_text(block)) for block in blocks)
    is_empty = chars < _LEAST_ARTICLE_CHARS or link_share(article) > MOST_LINK_SHARE
    is_listing = heading is None and has_listing(article) and not has_news_sentence(blocks)
    if (is_empty and not attachments) or is_listing:
        raise ContentError(
            "보도자료 본문을 찾을 수 없는 쪽입니다(목록이나 메뉴).", "보도자료가 열린 쪽을 저장해 넣으세요."
        )
    if is_error_page("\n".join((_title_of(fields), *map(_text, blocks))), blocks):
        raise ContentError("보도자료가 아니라 오류나 로그인을 알리는 쪽입니다.", "원본을 다시 받아 넣으세요.")
    warnings = []
    if not _title_of(fields) and (first := first_line_title(blocks, article)):
        fields.append(FieldValue("title", first.text, first.origin))
        blocks = tuple(block for index, block in enumerate(blocks) if index != first.block)
        if first.is_guess:
            warnings.append((f"제목이 없는 쪽이라 {first.origin}을 제목으로 삼았습니다.", _NAME_IT))
    return Document(blocks, tuple(fields), attachments, tuple(warnings))


def linked_files(data: bytes, address: str, charset: str = "") -> tuple[tuple[str, str], ...]:
    """Names and addresses of what the page at `address` links to, but for its navigation and the like: many a
    page lists its files below its article. First what looks like a file, with the name that stands in or
    beside the link; then all links, with the name that their own text has, or ''. Raises ContentError where
    the page cannot be parsed.
    """
    root = _parse(data, charset)
    base = next((one.get("href", "") for one in root.iter("base")), "")
    remove_boilerplate(root)
    try:
        base = urljoin(address, base)
    except ValueError:
        base = address
    files = [(name, url) for name, url in find_attachments(root, base) if url]
    return tuple(dict.fromkeys([*files, *find_links(root, base)]))


def _parse(data: bytes, charset: str = "") -> Element:
    """The root element of a page. Raises ContentError."""
    from lxml import etree, html

    text = _decode_page(data, charset)
    try:
        # As bytes: the parser refuses a text whose first line states an encoding.
        parser = html.HTMLParser(encoding="utf-8")
        root = html.document_fromstring(text.encode(), parser=parser) if text.strip() else None
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ContentError("HTML을 읽을 수 없습니다.", "본문을 복사해 .txt 파일로 저장하세요.") from error
    if root is None:
        raise ContentError("빈 파일입니다.", "첫 줄에 제목, 그 아래에 본문을 쓰세요.")
    return root


def _decode_page(data: bytes, charset: str) -> str:
    declaration = _CHARSET.search(data[:_CHARSET_SEARCHED_BYTES])
    charset = (declaration[1].decode("ascii", "replace") if declaration else charset).lower()
    try:
        return decode(data)
    except ContentError:
        # A page that declares its encoding may hold bytes that `decode` does not accept in a text file.
        if charset not in (*_KOREAN_CHARSETS, "utf-8"):
            raise
    text = data.decode("utf-8" if charset == "utf-8" else "cp949", "replace")
    return _CONTROL.sub("", text)


def _stated_fields(root: Element) -> list[FieldValue]:
    """The fields that the head of the page states, the first value of each."""
    fields: list[FieldValue] = []
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("itemprop") or meta.get("name") or ""
        field, value = _META.get(name), (meta.get("content") or "").strip()
        if field and value and not any(item.field == field for item in fields):
            fields.append(FieldValue(field, value, f"<meta {name}>"))  # type: ignore[arg-type]
    for link in root.iter("link"):
        if link.get("rel") == "canonical" and link.get("href", "").startswith("http"):
            fields.append(FieldValue("url", link.get("href"), "<link canonical>"))
    return [item for item in fields if item.field != "url" or item.value.startswith(("http://", "https://"))]


def _article_blocks(article: Element) -> tuple[Block, ...]:
    """The blocks of an article without names of the site, notices of use and a syndication notice above."""
    blocks = [
        block
        for block in blocks_of(article)
        if isinstance(block, Table)
        or not (is_notice(block.text) or (block.level > 0 and is_of_site(block.text)))
    ]
    while blocks and isinstance(blocks[0], Paragraph) and is_syndication_notice(blocks[0].text):
        del blocks[0]
    return tuple(blocks)


def _title_of(fields: list[FieldValue]) -> str:
    """The title among `fields`; '' where there is none."""
    return next((item.value for item in fields if item.field == "title"), "")


def _text(block: Block) -> str:
    return block.text if isinstance(block, Paragraph) else "\n".join(block.lines)
