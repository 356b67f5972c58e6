"""The parts of a page that a site puts around an article, and those that no reader of the page sees."""

from __future__ import annotations

import re

from lxml import etree

from indexer.sources.formats.html_text import HEADINGS, Element, text_of

_DROPPED = (
    "script", "style", "noscript", "template", "iframe", "object", "svg", "canvas", "audio", "video", "map",
    "select", "button", "input", "dialog",
)  # fmt: skip
# Inside an article they belong to it, elsewhere to the site.
_SITE_TAGS = ("nav", "footer", "aside")
# Elements whose names say what they hold: a cell or a paragraph of any name is text.
_CONTAINERS = frozenset(("div", "section", "ul", "ol", "header", "form", "span", "a"))
_NAME_SUFFIX = r"(?:[-_](?:wrap(?:per)?|area|box|list|section|inner|container|content|con|group|bar))?s?"
_SITE_PART = re.compile(
    rf"(?:gnb|lnb|snb|nav(?:i|bar|igation)?|\w*menu|breadcrumbs?|sidebar|sns\w*|share\w*|related\w*|recommend\w*"
    rf"|comments|reply|replies|pagination|paging|skip\w*|copyright|toolbar|modal|quick\w*|prevnext|ranking){_NAME_SUFFIX}",
    re.I,
)
# Names of parts of a site that parts of an article may have too.
_SITE_PART_OUTSIDE_ARTICLE = re.compile(
    rf"(?:location|footer|header|aside|banner|comment|popup|prev|next){_NAME_SUFFIX}", re.I
)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|(?:left|text-indent)\s*:\s*-\d{4}",
    re.I,
)
# Text for screen readers, which no one sees.
_FOR_SCREEN_READERS = re.compile(
    r"(?:blind|sr[-_]?only|visually[-_]?hidden|screen[-_]?(?:out|reader\w*)|hidden|hide|d-none)", re.I
)
_LONGEST_FOR_SCREEN_READERS_CHARS = 40
_LEAST_ABOVE_CHARS = 20

_COMMENT_RULES = (
    r"(?:.{1,12}의\s)?댓글\s?(?:운영|작성|이용|게시|삭제|등록)?\s?(?:원칙|정책|규정|안내|쓰기|달기|기준|약관|작성|입력|영역|목록|등록)"
    r"(?:\s?안내)?|댓글(?:\s?[\d,]+개?)?"
)
_SATISFACTION = (
    r"(?:이|현재|본|해당)\s?(?:페이지|콘텐츠|정보|자료|게시물|쪽).{0,24}만족.{0,14}"
    r"|(?:콘텐츠|페이지|이용|이용자|사용자|고객|정보)?\s?만족도\s?(?:조사|평가)?"
)
# Headings of the parts that a site puts below every article; the whole part is dropped.
_BELOW_ARTICLE = re.compile(
    rf"(?:{_COMMENT_RULES}|{_SATISFACTION}|(?:서비스\s?)?이용\s?약관|저작권\s?(?:안내|정책|표시|보호\s?정책|규정|신고\s?안내)?"
    r"|개인\s?정보\s?(?:처리|취급|보호)\s?(?:방침|정책)|공유(?:하기)?|목록"
    r"|(?:관련|연관|추천|인기|최신|많이\s?본|다른)\s?(?:기사|뉴스|글|보도\s?자료|콘텐츠|게시물)(?:\s?(?:더\s?보기|목록|모음|보기))?"
    r"|(?:이전|다음)\s?(?:글|기사)(?:\s?보기)?|(?:콘텐츠|자료|페이지)\s?(?:담당자?|관리자?|관리\s?부서)|정보\s?제공\s?부서)"
)
# No article has these titles, so that the element need not be a heading.
_SURELY_BELOW = re.compile(rf"(?:{_COMMENT_RULES}|{_SATISFACTION})[?？]?")
_LABELS = ("strong", "b", "p", "dt", "div", "em", "legend", "caption")

_LONGEST_NOTICE_CHARS = 200
_NOTICE = re.compile(
    r".{0,60}공공누리.{0,80}(?:이용|사용)\s?.{0,6}할?\s?수\s?(?:있|없)습니다\.?"
    r"|.{0,40}저작권(?:은|자는)\s.{1,40}에(?:게)?\s?(?:있습니다|귀속됩니다)\.?"
    r"|.{0,40}저작권법\s?제\d+조.{0,100}습니다\.?"
    r"|[\[(]?\s?공공누리(?:\s?공공저작물)?(?:\s?자유\s?이용\s?허락)?(?:\s?마크)?(?:\s?제?\s?\d\s?유형)?"
    r"(?:[\s:+,·()\[\]\-]|출처\s?표시|상업적\s?이용\s?금지|변경\s?금지|이용\s?금지)*"
    r"|.{0,40}첨부\s?파일을 확인해\s?주(?:시기|세요).{0,20}|.{0,40}미리보기가 제한.{0,40}습니다\.?"
    r"|(?:ⓒ|©|Copyright|\(c\)).{0,100}",
    re.I,
)
_NAVIGATION = re.compile(
    r"[\s\[\]<>«»‹›|·]*(?:목록(?:\s?(?:보기|으로))?|(?:이전|다음)\s?(?:글|기사|쪽|페이지)?(?:\s?보기)?|인쇄(?:하기)?|공유(?:하기)?|페이스북|트위터|밴드"
    r"|카카오(?:톡|스토리)?|네이버\s?블로그|url\s?복사|주소\s?복사|top|맨?\s?위로|홈(?:으로)?|닫기|열기|더\s?보기|새\s?창.{0,6}|다운로드|내려받기"
    r"|바로\s?(?:보기|듣기)|미리\s?보기|첨부(?:파일)?|스크랩|글자\s?크게|글자\s?작게|본문\s?바로\s?가기|로그인|회원가입)[\s\[\]<>«»‹›|·]*",
    re.I,
)


def remove_boilerplate(root: Element) -> None:
    """Drop the elements of a page that are never the text of an article."""
    etree.strip_elements(root, *_DROPPED, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for element in list(root.iter()):
        if element.tag in ("html", "body", "head", "article", "main") or element.getparent() is None:
            continue
        if _is_hidden(element) or _is_site_part(element):
            element.drop_tree()
    for element in list(root.iter(*HEADINGS, *_LABELS)):
        if element.getroottree().getroot() is root and _heads_site_part(element):
            _drop_part(element)


def is_notice(text: str) -> bool:
    """Whether a paragraph only says how the page may be used."""
    return len(text) <= _LONGEST_NOTICE_CHARS and _NOTICE.fullmatch(text) is not None


def is_navigation(text: str) -> bool:
    """Whether the text of a link is that of navigation."""
    return _NAVIGATION.fullmatch(text) is not None


def _is_hidden(element: Element) -> bool:
    if element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style", "")):
        return True
    return (
        any(_FOR_SCREEN_READERS.fullmatch(name) for name in element.get("class", "").split())
        and len(text_of(element)) <= _LONGEST_FOR_SCREEN_READERS_CHARS
    )


def _is_site_part(element: Element) -> bool:
    in_article = any(ancestor.tag == "article" for ancestor in element.iterancestors())
    if element.tag in _SITE_TAGS:
        return not in_article or element.tag == "nav"
    if element.tag not in _CONTAINERS:
        return False
    names = f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}".split()
    return any(
        _SITE_PART.fullmatch(name) or (not in_article and _SITE_PART_OUTSIDE_ARTICLE.fullmatch(name))
        for name in names
    )


def _heads_site_part(element: Element) -> bool:
    text = text_of(element)
    if not _SURELY_BELOW.fullmatch(text) and not (element.tag in HEADINGS and _BELOW_ARTICLE.fullmatch(text)):
        return False
    text_above = "".join("".join(element.xpath("preceding::text()")).split())
    return len(text_above) >= _LEAST_ABOVE_CHARS


def _drop_part(heading: Element) -> None:
    """Drop a heading and its part: the parent that it begins, else all up to the next heading."""
    parent = heading.getparent()
    if parent is None:
        return
    begins_parent = parent[0] is heading and not (parent.text or "").strip()
    if begins_parent and parent.tag not in ("html", "body", "article", "main"):
        parent.drop_tree()
        return
    level = HEADINGS.get(heading.tag, max(HEADINGS.values()))
    part = [heading]
    for sibling in heading.itersiblings():
        if HEADINGS.get(sibling.tag, level + 1) <= level:
            break
        part.append(sibling)
    for element in part:
        element.drop_tree()
