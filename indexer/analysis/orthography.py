"""Which letters Hangul orthography lets meet: a noun and its particle, a stem and its ending."""

from __future__ import annotations

from indexer.text.hangul import final_consonant, has_final_consonant, vowel_of


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Particles that follow any noun, then those that follow a vowel or a consonant only.
_ANY_PARTICLES = _set(
    "의 도 만 에 에서 에게 에게서 에도 에는 에만 에서는 에서도 께 께서 께서는 한테 까지 부터 마저 "
    "조차 처럼 같이 보다 마다 뿐 대로 만큼 밖에 하고 더러 보고 이다"
)
_PARTICLES_BEHIND_VOWEL = _set(
    "는 가 를 와 랑 나 든 든지 라도 라고 며 여 로 로서 로써 로부터 로의 로는 로도 야 요"
)
_PARTICLES_BEHIND_CONSONANT = _set(
    "은 이 을 과 이랑 이나 이든 이든지 이라도 이라고 이며 이여 으로 으로서 으로써 으로부터 으로의 "
    "으로는 으로도 아"
)
# How the endings begin before which an irregular stem loses its final consonant: 짓 + 어 is 지어 and 갈 +
# 는 is 가는, but 짓 + 고 and 갈 + 면 keep their letters.
_ENDINGS_BEHIND_LOST = {"ㅅ": "으은을음어아었았", "ㄹ": "느는니네나세시소습오"}
# How the endings begin that no stem with a vowel at its end has, and those that such a vowel swallows.
_ENDINGS_BEHIND_CONSONANT = "으은을음"
_ENDINGS_SWALLOWED = "어아"
_SWALLOWING_VOWELS = frozenset("ㅏㅓ")


def may_follow(before: str, particle: str) -> bool:
    """Whether a particle may follow a character: 로 not a consonant other than ㄹ, 은 not a vowel."""
    final = final_consonant(before)
    if particle in _ANY_PARTICLES or not final:
        return True
    if final == " " or (final == "ㄹ" and particle.startswith("로")):
        return particle in _PARTICLES_BEHIND_VOWEL
    return particle in _PARTICLES_BEHIND_CONSONANT


def has_lost_final(stem: str, surface: str) -> bool:
    """Whether a stem is spelled without its final consonant: 짓 in 지어."""
    return stem != surface and has_final_consonant(stem[-1])


def may_join(stem: str, surface: str, ending: str) -> bool:
    """Whether a stem, as it is spelled in `surface`, may be followed by an ending.

    The dictionary has stems without their ㅅ or ㄹ before every ending, 은 behind vowels, and vowels apart
    that are always contracted.
    """
    first = ending[0]
    if has_lost_final(stem, surface):
        endings = _ENDINGS_BEHIND_LOST.get(final_consonant(stem[-1]))
        return endings is None or first in endings
    if final_consonant(surface[-1]) != " ":
        return True
    swallows = vowel_of(surface[-1]) in _SWALLOWING_VOWELS
    return first not in _ENDINGS_BEHIND_CONSONANT and not (swallows and first in _ENDINGS_SWALLOWED)


def misread_beginnings(stem: str, surface: str) -> list[str]:
    """How forms of a verb like 낫다 begin that mecab-ko-dic takes for forms of 나다 or 날다, although they
    cannot be any: 나아, 나았. `surface` spells the stem without its ㅅ; none for other verbs.
    """
    vowel = vowel_of(surface[-1])
    if final_consonant(stem[-1]) != "ㅅ" or vowel not in _SWALLOWING_VOWELS:
        return []
    return [surface + ending for ending in ("아았" if vowel == "ㅏ" else "어었")]
