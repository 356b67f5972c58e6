"""Negating prefixes (부정 접두사) reverse the meaning of the noun behind them: 비급여 is not 급여."""

from __future__ import annotations

NEGATING_PREFIXES = frozenset("비 미 불 무 반 탈 부 몰".split())  # noqa: SIM905
# Nouns before which the same syllable is a noun or a prefix of another meaning: fire, radish, rain, half, the
# United States, what is small or beautiful. Chosen from the compounds of mecab-ko-dic and the releases of
# korea.kr.
_NOT_NEGATED = {
    "불": (
        "고기 구경 구덩이 기둥 길 꽃놀이 나방 나비 놀이 바다 방망이 벼락 빛축제 세례 쏘시개 여우 "
        "자동차 장난 조심 지옥 호령 화살 화로 씨앗"
    ),
    "무": "김치 나물 더위 말랭이 생채 시래기 장아찌 짠지 떡국",
    "비": "가림막 구름 바람 설거지 안개 옷 이슬",
    "반": "걸음 그늘 나절 달음 바지 백년 소매 세기 올림 지름 평생 팔",
    "미": (
        "과학원 공군 국무부 국무장관 국방부 국방장관 국채 국토안보부 군정 금리 기상 기후 남부 남자 "
        "농무부 달러 대사 대사관 대선 대통령 동부 무역대표부 법무부 백색 백악관 본사 본토 북부 분자 "
        "상무부 상원 생물 서부 세포 소년 소녀 식품의약국 언론 에너지부 연방 연준 우주군 육군 의식 "
        "의회 재무부 재무장관 적분 전역 정부 주둔군 중부 증시 지형 하원 합중국 항공우주국 해군 "
        "해병대 행정부 현지 화석 환경청"
    ),
}
_NOUNS_NOT_NEGATED = {prefix: frozenset(nouns.split()) for prefix, nouns in _NOT_NEGATED.items()}


def is_negated(prefix: str, noun: str) -> bool:
    """Whether a syllable directly before a noun negates it: 미분양 is not 분양, but 미대사관 is a 대사관."""
    return prefix in NEGATING_PREFIXES and len(noun) > 1 and noun not in _NOUNS_NOT_NEGATED.get(prefix, ())
