"""Phrases for suggestions: those of all releases in a file of this machine, which is made of records of the
cluster and mapped into memory, and beside them what later commits have added or taken away.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from indexer.analysis.keyboard import initials_of, to_keystrokes
from indexer.engines.opensearch.state import PhrasePart, State, Store
from indexer.engines.shared.container import Container, writing
from indexer.engines.shared.phrases import CountedPhrases, Phrases, write_phrases
from indexer.errors import IndexUnavailable
from indexer.files import make_folder

# What a change of more phrases than this leaves is made one with the rest: each question looks at all of it.
MAX_ADDED_PHRASES = 20_000
# So many phrases are one record.
PHRASES_PER_RECORD = 200_000
# A file that no process has opened for so long is removed.
_KEPT_FILE_S = 24 * 60 * 60
# More are asked for than are wanted: what was added and taken away changes their order.
_OVERSAMPLING = 4
_BASE, _ADDED = "phrases", "phrasechange"


class LayeredPhrases:
    """See `indexer.engine.PhraseDictionary`. `added` is what counts besides `base`."""

    def __init__(self, base: Phrases | None, added: Mapping[str, int]) -> None:
        self._base, self._added = base, added

    def complete(self, keys: str, limit: int) -> dict[str, int]:
        """Phrases whose keystrokes begin so."""
        found = self._base.complete(keys, self._margin(limit)) if self._base else {}
        return self._merge(found, lambda phrase: to_keystrokes(phrase).startswith(keys), limit)

    def complete_initials(self, letters: str, limit: int) -> dict[str, int]:
        """Phrases whose first consonants begin so."""
        found = self._base.complete_initials(letters, self._margin(limit)) if self._base else {}
        return self._merge(found, lambda phrase: initials_of(phrase).startswith(letters), limit)

    def phrases_with_keys(self, keys: Sequence[str]) -> dict[str, int]:
        """Phrases that any of these keystrokes type."""
        wanted = set(keys)
        found = self._base.with_keys(keys) if self._base else {}
        return self._merge(found, lambda phrase: to_keystrokes(phrase) in wanted, len(keys))

    def _margin(self, limit: int) -> int:
        return _OVERSAMPLING * limit + len(self._added)

    def _merge(self, found: Mapping[str, int], fits: Callable[[str], bool], limit: int) -> dict[str, int]:
        counts = Counter(found)
        counts.update({phrase: count for phrase, count in self._added.items() if fits(phrase)})
        ordered = sorted(counts.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
        return {phrase: count for phrase, count in ordered[:limit] if count > 0}


def open_phrases(store: Store, state: State, folder: Path, at_s: float) -> LayeredPhrases:
    """The phrases of a state at a time, in seconds since 1970. Their file is in `folder`.

    Raises IndexUnavailable where the records are gone.
    """
    parts = [part for part in state.phrases if part.embargo_s <= at_s]
    base = [part.record for part in parts if part.record.startswith(f"{_BASE}-")]
    added: Counter[str] = Counter()
    for record in store.read_records(state.index, [part.record for part in parts if part.record not in base]):
        added.update(record)
    return LayeredPhrases(_open_file(store, state, base, folder) if base else None, added)


def _open_file(store: Store, state: State, records: Sequence[str], folder: Path) -> Phrases:
    digest = hashlib.blake2b("".join(records).encode(), digest_size=16).hexdigest()
    path = folder / f"{store.alias}-{digest}.arrays"
    try:
        opened = Phrases(Container(path)) if path.exists() else None
    except IndexUnavailable:  # damaged: it is made again
        opened = None
    if opened is not None:
        with suppress(OSError):
            path.touch()
        return opened
    counts: Counter[str] = Counter()
    for name in records:
        counts.update(store.read_records(state.index, [name])[0])
    try:
        make_folder(folder)
        _remove_old(folder, store.alias)
        # Under a name of its own, since other processes may make the same file.
        unfinished = folder / f"{path.name}.{os.getpid()}"
        with writing(unfinished) as container:
            write_phrases(container, CountedPhrases(counts, {}), exact=True)
        unfinished.replace(path)
    except OSError as error:
        raise IndexUnavailable(
            f"추천어 파일 {path}을(를) 만들 수 없습니다({error.strerror}).",
            "BODO_INDEX 폴더의 권한과 디스크의 남은 자리를 확인하세요.",
        ) from error
    return Phrases(Container(path))


def _remove_old(folder: Path, alias: str) -> None:
    pattern = re.compile(rf"{re.escape(alias)}-[0-9a-f]{{32}}\.arrays(\.\d+)?")
    for path in folder.iterdir():
        if pattern.fullmatch(path.name):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _KEPT_FILE_S:
                    path.unlink()


def put_base(store: Store, index: str, counts: Mapping[str, int]) -> tuple[PhrasePart, ...]:
    """Keep the phrases of all releases."""
    phrases = sorted(phrase for phrase, count in counts.items() if count > 0)
    pieces = [
        phrases[start : start + PHRASES_PER_RECORD] for start in range(0, len(phrases), PHRASES_PER_RECORD)
    ]
    return tuple(
        PhrasePart(store.put_record(index, _BASE, {phrase: counts[phrase] for phrase in piece}))
        for piece in pieces
    )


def put_added(store: Store, index: str, changes: Mapping[int, Mapping[str, int]]) -> tuple[PhrasePart, ...]:
    """Keep what a change added and took away, by the second at which it begins to count."""
    parts = []
    for embargo_s, counts in changes.items():
        if changed := {phrase: count for phrase, count in counts.items() if count}:
            parts.append(PhrasePart(store.put_record(index, _ADDED, changed), embargo_s))
    return tuple(parts)


def joined(store: Store, state: State, parts: Sequence[PhrasePart], at_s: float) -> tuple[PhrasePart, ...]:
    """The parts of a state and new ones; made one where they have become many."""
    parts = (*state.phrases, *parts)
    added = [part for part in parts if part.record.startswith(f"{_ADDED}-")]
    values = store.read_records(state.index, [part.record for part in added])
    if sum(map(len, values)) <= MAX_ADDED_PHRASES:
        return tuple(parts)
    ended = [part for part in parts if part.embargo_s <= at_s]
    counts: Counter[str] = Counter()
    for part in ended:
        counts.update(store.read_records(state.index, [part.record])[0])
    return (*put_base(store, state.index, counts), *(part for part in parts if part not in ended))
