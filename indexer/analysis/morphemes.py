"""Which terms a morpheme gives.

Content morphemes are terms; particles, endings and punctuation are not. A compound gives itself and its
parts, an inflected form its stem. A predicate's term is its dictionary form (맺다), so that it does not
meet a noun of the same letters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from indexer.text.tags import CONTENT_TAGS

NOUN_TAGS = frozenset(("NNG", "NNP", "XR", "SH"))
PREDICATE_TAGS = frozenset(("VV", "VA"))
# Prefixes that turn the meaning of the noun behind them round: 비급여 is not 급여.
TURNING_PREFIXES = frozenset("비 미 불 무 반 탈 부 몰".split())  # noqa: SIM905
# Nouns before which the same syllable is a noun or prefix of another meaning: fire, radish, rain, half, the
# United States, what is small or beautiful. Chosen from the compounds of mecab-ko-dic and the releases of
# korea.kr.
_NOT_TURNED = {
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
NOT_TURNED = {prefix: frozenset(nouns.split()) for prefix, nouns in _NOT_TURNED.items()}
PREFIX_TAG = "XPN"
UNKNOWN_TAGS = ("UNKNOWN", "SH")
# How the tags of particles, endings, the copula and suffixes begin. Right behind a word they are its end, and
# begin none: no 의사 in 사회의 사업. Nor does a noun end with one, but for the suffixes and endings that
# make nouns: no 회의 in 사회의.
COPULA_TAG = "VCP"
ATTACHED_TAGS = ("J", "E", COPULA_TAG, "XS")
NOUN_SUFFIX_TAG = "XSN"
NOMINAL_TAGS = (NOUN_SUFFIX_TAG, "ETN")


Rule = Literal["word", "compound", "part", "stem", "reading", "number", "prefix", "user", "user-part"]
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True, slots=True)
class Emission:
    """One term of a morpheme. `start` and `end` are offsets into its surface, end exclusive;
    `step` is its position relative to the morpheme's first, `rule` what made it.
    """

    term: str
    tag: str
    start: int
    end: int
    step: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A surface, without white space, with its dictionary entry. Its terms take `steps` positions. One that
    is `turned` is a compound that begins with a turning prefix of one syllable; one that `is_name` is that of
    a person, a surname of one syllable and a given name.
    """

    surface: str
    tag: str
    emissions: tuple[Emission, ...]
    steps: int
    turned: bool = False


def read_lexeme(line: str) -> Lexeme:
    """Read a line of mecab-ko-dic: surface, TAB, then tag, semantic class, final consonant, reading,
    type, first tag, last tag, expression.
    """
    written, _, features = line.partition("\t")
    # Some entries of the dictionary hold a space (인터내셔날 ), which the text has there as well.
    surface = written.replace(" ", "")
    tag, *rest = features.split(",")
    reading, kind, expression = (rest[2], rest[3], rest[6]) if len(rest) >= 7 else ("*", "*", "*")
    length = len(surface)
    if kind == "Inflect":
        return _inflected(surface, tag, parts_of(expression))
    if tag not in CONTENT_TAGS:
        return Lexeme(surface, tag, (), 0)
    rule: Rule = "stem" if tag in PREDICATE_TAGS else "word"
    whole = Emission(_term(surface, tag), tag, 0, length, 0, rule)
    if kind in ("Compound", "Preanalysis"):
        parts = _compound_parts(surface, expression)
        if turned := _is_turned_compound(parts):
            parts = _with_prefix(parts)
        if len(parts) > 1:
            return Lexeme(surface, tag, (replace(whole, rule="compound"), *parts), parts[-1].step + 1, turned)
        if turned:
            return Lexeme(surface, tag, (whole,), 1, turned)
    if tag == "SH" or (reading not in ("*", surface) and not _is_hangul(surface)):
        return Lexeme(surface, tag, (whole, *_reading(whole, reading)), 1)
    return Lexeme(surface, tag, (whole,), 1)


def _inflected(surface: str, tag: str, parts: list[tuple[str, str]]) -> Lexeme:
    """The content parts of an inflected form, each over the whole of it."""
    stems = [(form, part) for form, part in parts if part in CONTENT_TAGS]
    steps = range(len(stems))
    if len(parts) == len(stems) == 1 and stems[0][1] in PREDICATE_TAGS and stems[0][0] != surface:
        # 들 as a form of 듣다, or 듣 of 들다: the dictionary takes one for the other too often to choose.
        stems.append((surface, stems[0][1]))
        steps = range(0, 1)
    emissions = tuple(
        Emission(_term(form, part), part, 0, len(surface), min(step, steps[-1]), "stem")
        for step, (form, part) in enumerate(stems)
    )
    return Lexeme(surface, tag, emissions, len(steps))


def parts_of(expression: str) -> list[tuple[str, str]]:
    """Pairs of form and tag of an expression such as 연료/NNG/*+전지/NNG/*."""
    pairs = []
    for piece in expression.split("+"):
        form, _, tags = piece.partition("/")
        if form and tags:
            pairs.append((form, tags.split("/")[0]))
    return pairs


def _compound_parts(surface: str, expression: str) -> list[Emission]:
    """The content parts of a compound, each over its own characters where the parts spell the surface,
    else over the whole.
    """
    pairs = parts_of(expression)
    spelled = "".join(form for form, _ in pairs) == surface
    made: list[Emission] = []
    start = 0
    for form, tag in pairs:
        if tag in CONTENT_TAGS:
            span = (start, start + len(form)) if spelled else (0, len(surface))
            made.append(Emission(_term(form, tag), tag, *span, len(made), "part"))
        start += len(form)
    return made


def is_turned(prefix: str, noun: str) -> bool:
    """Whether a syllable right before a noun turns its meaning round: 미분양 is not 분양, but 미대사관 is
    one.
    """
    return prefix in TURNING_PREFIXES and len(noun) > 1 and noun not in NOT_TURNED.get(prefix, ())


def _is_turned_compound(parts: list[Emission]) -> bool:
    return len(parts) > 1 and parts[0].end == parts[1].start and is_turned(parts[0].term, parts[1].term)


def _with_prefix(parts: list[Emission]) -> list[Emission]:
    """The parts of a compound whose first is a turning prefix: it is one with the noun behind it. No parts
    where they are all of it.
    """
    first, noun, *others = parts
    merged = replace(first, term=first.term + noun.term, tag=noun.tag, end=noun.end)
    return [merged, *(replace(other, step=other.step - 1) for other in others)] if others else []


def _reading(whole: Emission, reading: str) -> tuple[Emission, ...]:
    """A hanja word is found by its Hangul reading as well: as the dictionary has it, and as it is written."""
    if reading in ("*", ""):
        return ()
    readings = dict.fromkeys((reading, apply_initial_sound_law(reading)))
    return tuple(replace(whole, term=term, rule="reading") for term in readings if term != whole.term)


def apply_initial_sound_law(reading: str) -> str:
    """A reading of hanja as a word is written (두음 법칙, Hangul orthography 10 to 12, and 11's 렬, 률 behind
    a vowel or ㄴ): 녀성 is 여성, 력사 역사, 비률 비율.
    """
    letters = list(reading)
    if letters and "가" <= letters[0] <= "힣":
        letters[0] = _at_beginning(letters[0])
    for place in range(1, len(letters)):
        if letters[place] in "렬률" and final_consonant(letters[place - 1]) in (0, FINAL_N):
            letters[place] = _at_beginning(letters[place])
    return "".join(letters)


# Letters of syllables as Unicode counts them: the final consonants ㄴ, ㄹ and ㅅ of 28, none among them.
FINAL_N, FINAL_L, FINAL_S, FINALS = 4, 8, 19, 28
_INITIAL_N, _INITIAL_R, _INITIAL_NONE = 2, 5, 11
# ㅑ ㅕ ㅖ ㅛ ㅠ ㅣ
_BEFORE_I = frozenset((2, 6, 7, 12, 17, 20))


def _at_beginning(syllable: str) -> str:
    initial, rest = divmod(ord(syllable) - ord("가"), 21 * FINALS)
    if initial in (_INITIAL_N, _INITIAL_R) and rest // FINALS in _BEFORE_I:
        initial = _INITIAL_NONE
    elif initial == _INITIAL_R:
        initial = _INITIAL_N
    return chr(ord("가") + initial * 21 * FINALS + rest)


def final_consonant(char: str) -> int:
    """The number of the final consonant of a syllable as Unicode counts them, 0 for none; -1 of what is no
    syllable.
    """
    return (ord(char) - ord("가")) % FINALS if "가" <= char <= "힣" else -1


def _term(form: str, tag: str) -> str:
    return form + "다" if tag in PREDICATE_TAGS else form


def _is_hangul(surface: str) -> bool:
    return all("가" <= char <= "힣" for char in surface)
