"""What kind of line a line of an article is: prose, a list item, a caption, a heading, or a part of the page.

A plain line is one that `boilerplate.normalize_line` has normalized.
"""

from __future__ import annotations

import re

_LONGEST_HEADING_CHARS = 50
_LONGEST_CAPTION_CHARS = 150
_SURELY_PROSE_CHARS = 120

_SENTENCE_END = re.compile(r"[.。][\"”’')\]〉」』>]*$|(?:니다|했다|한다|이다|였다|됐다|된다)[\"”’')\]]*$")
_SENTENCE = re.compile(r"다[.”\"]")
_LIST_ITEM = re.compile(
    r"^(?:[□■○●ㅇ◦❍▶▷◇◆◎※❏☐]|<[^<>]{1,40}>$|\d{1,2}\.\s|[가-하]\.\s|[①-⑳]|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]\s?\.?\s)"
)
_DASHED = re.compile(r"^[-–—―]\s?(?=\S)")
_HEADING_END = re.compile(r"[.。?!,:;·…”\"\])]$")
_SURE_PARTICLE_END = re.compile(r"(?:[는를며]|에서|에게)$")
_PARTICLE_END = re.compile(r"(?:[은는을를의로와과며고]|에서|에게|부터|까지|지난)$")
_LETTERS = re.compile(r"[가-힣A-Za-z]{2}")

_CREDIT = re.compile(
    r"[\[(<【]\s?(?:사진|그래픽|이미지)\s?(?:[=:/ⓒ©]|제공)|^(?:사진|그래픽|자료사진)\s?[=:/]"
    r"|(?:사진|이미지)\s?제공\s?[=:]?|[=/]\s?[^=/\])>]{1,20}제공[.]?\s?[\])>]$|재판매 및 DB|[ⓒ©]\s?\S{2,20}$"
    r"|/뉴스1$|photo@\S+$"
)

_COPYRIGHT = re.compile(
    r"^[\s<\[(〈【*※▶-]*(?:저작권자|(?:Copyright|[ⓒ©]|\(c\)).*(?:무단|재배포|reserved))"
    r"|무단\s?전재.{0,15}금지[\s.>\])〉】]*$",
    re.IGNORECASE,
)
_COPYRIGHT_OWNER = re.compile(
    r"(?:ⓒ|©|\(c\))\s*(?:\d{4}\s*)?(?P<owner>[^\s<>,.()\[\]]{2,20})\s*(?=[,.<>\]]|무단|All|$)",
    re.IGNORECASE,
)
_LIST_HEADER = re.compile(
    r"[\[<◆◇■□▶★☆【\s]*(?:이 ?시각|가장|지금|실시간|오늘의|함께)?\s?"
    r"(?:관련|연관|주요|인기|추천|최신|많이 ?본|뜨는|핫|베스트|헤드라인|랭킹|다른|볼만한)\s?(?:주요|많은)?\s?"
    r"(?:기사|뉴스|콘텐츠|이슈|글)(?:\s?(?:더 ?보기|목록|TOP ?\d*|순위|보기|모음))?[\]>】\s:]*"
    r"|.{0,12}기자의? 다른 ?(?:기사|뉴스).{0,6}"
    r"|댓글\s?[\d,]*개?|(?:전체|최신|첫)\s?댓글.{0,8}|댓글 ?(?:작성|쓰기|입력|영역)"
)
_PROMOTION = re.compile(
    r"^[▶☞※◎◆■\[(<\s]*(?:기사 ?제보|제보는|제보하기|카카오톡|당신의 제보|네이버에서|네이버 .{0,12}구독)"
    r"|^[▶☞◎].{0,25}(?:(?:앱|채널).{0,12}(?:다운|구독|추가)|구독하기|바로가기|홈페이지 가기)"
    r"|^이 기사는 .{0,40}(?:분류했습니다|섹션|출고|추천)|보도자료를 전재하여 제공함"
    r"|^기사를? 추천|^기사 ?섹션 ?분류"
    r"|^(?:이전|다음) ?(?:글|기사)\b|^[(<]?(?:끝|END)[)>]?\.?$"
    r"|동영상 ?(?:보러|바로) ?(?:가기|보기)"
    r"|^댓글을? (?:작성|입력).{0,30}(?:주세요|습니다\.?)$"
)

_SYNDICATION_NOTICE = re.compile(
    r"[\W_]*(?:(?:이|본)\s*자료는\s)?[^.]{1,80}?보도(?:참고|설명|해명|정정)?자료를\s*(?:그대로\s*)?전재하여\s*제공"
    r"(?:함을\s*알려드립|합)니다[\W_]*"
)
_NAMED_PART = re.compile(
    r"[\[(<【]\s?(?:(?:사진|이미지|그림|그래픽|영상)\s?\d{0,2}|모두\s?발언|인사말|기념사|축사)\s?[\])>】]"
    r"|(?:주요\s?내용|(?:[가-힣]{2,4}\s)?(?:개요|배경)|요약|목차)$|[\[【][^\[\]【】]*[\]】]$"
)


def is_prose(line: str) -> bool:
    """Whether a plain line is a sentence, or too long to be anything else."""
    return bool(_SENTENCE_END.search(line)) or len(line) >= _SURELY_PROSE_CHARS


def is_list_item(line: str) -> bool:
    """Whether a plain line starts with a mark of list items in official documents (□, ㅇ, 1., 가.)."""
    return _LIST_ITEM.match(line) is not None


def is_dashed(line: str) -> bool:
    """Whether a plain line starts with a dash, as subtitles do."""
    return _DASHED.match(line) is not None


def is_caption(line: str) -> bool:
    """Whether a plain line is the caption of a picture: short, with a credit, and no sentence of news.

    A caption says what the picture shows, in a sentence that ends in "있다."; a sentence that ends otherwise
    is news, unless the line points at the picture (▲).
    """
    if len(line) > _LONGEST_CAPTION_CHARS or not _CREDIT.search(line):
        return False
    sentences = _SENTENCE.findall(line.replace("있다.", ""))
    return not sentences or (line.startswith(("▲", "△", "▼", "▽")) and len(sentences) == 1)


def is_heading_like(line: str, after_gap: bool) -> bool:
    """Whether a plain line could be a section heading: short, and no part of a sentence.

    A line that ends with a particle is wrapped prose. Where no blank line stands before it (`after_gap` is
    False), an ending that may only look like a particle counts as one.
    """
    return (
        len(line) <= _LONGEST_HEADING_CHARS
        and _LETTERS.search(line) is not None
        and not is_prose(line)
        and not is_list_item(line)
        and not is_dashed(line)
        and not _HEADING_END.search(line)
        and " | " not in line
        and "://" not in line
        and not line.startswith(("*", "▲", "·", "•", "“", '"', "("))
        and not (_SURE_PARTICLE_END if after_gap else _PARTICLE_END).search(line)
    )


def is_named_part(line: str) -> bool:
    """Whether a line begins with the name of a part of a release: [사진1], [모두발언], 주요 내용."""
    return _NAMED_PART.match(line) is not None


def is_copyright(line: str) -> bool:
    """Whether a plain line is the copyright notice under an article."""
    return _COPYRIGHT.search(line) is not None and not re.search(r"다\.$", line)


def copyright_owner(line: str) -> str:
    """The owner that a copyright notice names; '' where it names none."""
    found = _COPYRIGHT_OWNER.search(line)
    return found["owner"] if found else ""


def is_syndication_notice(line: str) -> bool:
    """Whether a line only says whose release a portal republishes; it ends the article above it."""
    return _SYNDICATION_NOTICE.fullmatch(line) is not None


def is_list_header(line: str) -> bool:
    """Whether a plain line is nothing but the heading of a list of other articles or of comments."""
    return _LIST_HEADER.fullmatch(line) is not None


def is_promotion(line: str) -> bool:
    """Whether a plain line speaks of the site: tips, channels, the next article, the end mark."""
    return _PROMOTION.search(line) is not None
