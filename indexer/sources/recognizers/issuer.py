"""The body that issues a release: ministries by name, and the lead that names its head."""

from __future__ import annotations

import re

_ISSUER_HEAD = (
    r"(?:장관|부총리|청장|처장|위원장|원장|시장|군수|구청장|도지사|지사|교육감|이사장|사장|총장"
    r"|실장|본부장|관장|소장|회장|단장|서장)"
)
_NAME_AND_HEAD = re.compile(
    r"^[\s□■○ㅇ●◦❍▶▷◇◆◎▪•·*※\-–“\"'‘]*(?P<name>[가-힣][가-힣A-Za-z·ㆍ]{1,20}(?:\s[가-힣·]{2,12}){0,2}?)\s?"
    rf"[(（]\s?(?:(?:[가-힣·\s]{{0,12}}{_ISSUER_HEAD}|{_ISSUER_HEAD})"
    rf"(?:\s?(?:직무대리|직무대행|권한대행))?\s?:?\s?(?!포함|제외|이하)[가-힣]{{2,4}}|[가-힣]{{2,4}}\s{_ISSUER_HEAD})\s?[,;/)）]"
)
_BODY_NAME = re.compile(
    r".*(?:부|처|청|위원회|국무조정실|국무총리비서실|감사원|원|시|도|군|구|공사|공단|재단|연구원|진흥원|대학교|은행|법원|센터|협회|관|단)"
)
# Ministries are listed: another word that ends like one (관리본부, 안전문화부) is an office.
_CENTRAL_BODIES = re.compile(
    r"(?:(?:기획)?재정(?:경제)?|교육|과학기술정보통신|외교|통일|법무|국방|행정안전|(?:국가)?보훈|문화체육관광|농림축산식품|산업통상(?:자원)?"
    r"|보건복지|환경|기후에너지환경|고용노동|여성가족|성평등가족|국토교통|해양수산|중소벤처기업)부"
    r"|(?:인사혁신|법제|식품의약품안전|국가보훈|기획예산|대통령경호)처|[가-힣]{1,8}(?<!지)청|[가-힣]{2,12}위원회"
    r"|국무조정실|감사원|국가정보원|국무총리비서실|대통령비서실|[가-힣]{1,6}(?:특별시|광역시|특별자치시|특별자치도|특례시)"
)
_PARTICLE_INSIDE = re.compile(r"(?<=[가-힣]{2})[은는]\s")
_PARENT_BODY = re.compile(r"^.*(?:\s(?:소속|산하|소관)|[가-힣]인)\s")


def issuer_of_lead(line: str) -> str:
    """The body that a lead names with its head, "교육부(장관 …)는"; '' where it names none."""
    match = _NAME_AND_HEAD.match(line)
    if match is None or not _BODY_NAME.fullmatch(match["name"]):
        return ""
    # "국가유산청은 국가유산진흥원(원장 …)과 함께": of two bodies the first is the issuer.
    name = _PARTICLE_INSIDE.split(match["name"])[0]
    return _PARENT_BODY.sub("", name)


def begins_with_issuer(line: str) -> bool:
    """Whether a line begins as the lead of an official release does: "교육부(장관 …)는"."""
    match = _NAME_AND_HEAD.match(line)
    return match is not None and _BODY_NAME.fullmatch(match["name"]) is not None


def is_central_body(word: str) -> bool:
    """Whether a word is the name of a ministry, an agency, a commission or a metropolitan government."""
    return _CENTRAL_BODIES.fullmatch(word) is not None
