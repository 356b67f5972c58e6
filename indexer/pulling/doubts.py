"""Whether the page of a stored release has become another page: an error, a login, the home of the site."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from indexer.pulling.readers.item import MAX_TITLE_CHARS, Item
from indexer.pulling.sidecar_text import sidecar_text
from indexer.pulling.staged import Refused, read_page
from indexer.pulling.store import StoredRelease
from indexer.release import PressRelease
from indexer.sources.corpus.sidecar import CHARSET
from indexer.sources.problems import ReadProblem

# Corrections change a figure or a sentence. What has lost two thirds of its text and its title is no longer
# the same text.
_SMALLEST_SHARE = 1 / 3
# Corrected titles share far more characters in order with the old one; two titles without anything in common
# some 0.2.
_LEAST_LIKENESS = 0.5
# Shorter titles ('알림') stand on any page.
_SHORTEST_TITLE_CHARS = 4
_NO_LETTERS = re.compile(r"[\W_]+")


def refuse_another_page(
    item: Item, release: PressRelease, charset: str, place: StoredRelease, staged: StoredRelease
) -> None:
    """Raise Refused where the staged page, read as `release`, can be no correction of the release at `place`:
    nowhere does it bear the title of that, or the one that the source gives, nor one that is like it; and
    besides it has no date, or less than a third of the text.
    """
    try:
        stored = read_page(place, place.sidecar if place.sidecar.exists() else None)
    except Refused:
        return
    bare = _read_by_itself(staged, charset)
    before, after = len(stored.body), len(release.body)
    lost = [
        "날짜가 없습니다" if bare is None or bare.published_at is None else "",
        f"글이 {before:,}자에서 {after:,}자로 줄었습니다" if after < before * _SMALLEST_SHARE else "",
    ]
    if not any(lost) or (bare is not None and _bears(bare, stored.title, item.title)):
        return
    reason = f"전에 받은 것과 다른 쪽이 왔습니다. 그 제목이 없고, {', '.join(filter(None, lost))}."
    kept = (
        "전에 받은 것을 그대로 두었습니다. 정말 이렇게 바뀌었으면 그 파일을 지우세요. 다음에 볼 때 받습니다."
    )
    raise Refused(ReadProblem(place.stem, f"{reason} {kept}"))


def _read_by_itself(staged: StoredRelease, charset: str) -> PressRelease | None:
    """The page without what the source says of it; None where it has no title of its own."""
    sidecar = staged.folder / ".page.toml"
    sidecar.write_text(sidecar_text({CHARSET: charset}), "utf-8")
    try:
        return read_page(staged, sidecar)
    except Refused:
        return None


def _bears(page: PressRelease, *titles: str) -> bool:
    text = _letters(" ".join((page.title, *page.subtitles, page.body)))
    own = _letters(page.title[:MAX_TITLE_CHARS])
    for title in (_letters(one[:MAX_TITLE_CHARS]) for one in titles):
        if len(title) < _SHORTEST_TITLE_CHARS:
            continue
        likeness = SequenceMatcher(None, title, own, autojunk=False).ratio()
        if title in text or likeness >= _LEAST_LIKENESS:
            return True
    return False


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text).casefold()
