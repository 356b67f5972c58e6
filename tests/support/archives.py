"""Archives of made-up releases, each with a word of its own, and whether an index has exactly those."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from indexer.engine import Engine, NgramPhrase, find_docs
from indexer.release import SEOUL, PressRelease
from tests.conftest import release_of

# fmt: off
WORDS = [
    "창원", "수소", "박람회", "시내버스", "도서관", "산불", "예방", "축제", "항만", "물류", "반도체", "청년", "일자리", "주택", "공급",
    "어린이", "안전", "교육", "병원", "진료", "환경", "하천", "정비", "공원", "조성", "관광", "농업", "스마트", "공장", "투자", "협약",
    "수출", "지원", "소상공인", "복지", "노인", "돌봄", "재난", "대응", "훈련", "문화", "예술", "공연", "체육", "대회", "도로", "교통",
    "주차장", "상수도", "에너지", "태양광", "기후", "대학", "연구", "개발", "시민", "행사", "회의", "예산", "감사", "조례",
]
# fmt: on
_OUTLETS = ("창원시", "산림청", "보건복지부", "국토교통부", "해양수산부")
# Of ten releases, so many have one body and one day.
_TEN, _ALIKE = 10, 3
_SENTENCES = 24
_FIRST_DAY = datetime(2024, 1, 1, 9, tzinfo=SEOUL)
# Far from any test run.
_EMBARGO = datetime(2090, 1, 1, 9, tzinfo=SEOUL)
_AT_ONCE = 200


def mark_of(number: int, version: int) -> str:
    """The word that only this version of a release has."""
    return f"q{_letters(number, 4)}{_letters(version, 3)}"


def record_of(number: int, version: int, *, embargoes: bool = False) -> dict[str, str]:
    """A release as a record of a corpus. A version differs from another in title, reporter and, where the body
    is not that of others, a paragraph. With `embargoes`, one of a hundred waits.
    """
    ten, rest = divmod(number, _TEN)
    choose = random.Random(ten * _TEN if rest < _ALIKE else number)  # noqa: S311 - no secret
    sentences = [f"{' '.join(choose.sample(WORDS, 6))} 계획을 밝혔다." for _ in range(_SENTENCES)]
    mark = mark_of(number, version)
    if rest >= _ALIKE:
        sentences.append(f"{mark} 번째 소식이며 {' '.join(choose.sample(WORDS, 3))} 이야기다.")
    record = {
        "id": f"r{number:05d}",
        "title": f"{' '.join(random.Random(number).sample(WORDS, 3))} {mark}",  # noqa: S311
        "body": "\n\n".join(sentences),
        "outlet": _OUTLETS[number % len(_OUTLETS)],
        "reporter": f"기자{version % 7}",
        "date": f"{_FIRST_DAY + timedelta(days=ten % 300):%Y-%m-%d %H:%M}",
    }
    if embargoes and number % 100 == 55:
        record["embargo"] = f"{_EMBARGO + timedelta(days=number // 100 % 3):%Y-%m-%d %H:%M}"
    return record


def made_release(number: int, version: int) -> PressRelease:
    """The same as a release."""
    record = record_of(number, version)
    return release_of(
        record["title"],
        record["body"],
        id=record["id"],
        outlet=record["outlet"],
        reporter=record["reporter"],
        published=record["date"].replace(" ", "T"),
    )


def made_releases(count: int, version: int) -> Iterator[PressRelease]:
    """The first `count` releases, all of one version."""
    return (made_release(number, version) for number in range(count))


class MadeCorpus:
    """A folder of JSON Lines, `per_file` records each. `versions` has the version of each number that is in, `gone`
    the marks of those that were.
    """

    def __init__(self, folder: Path, count: int, *, per_file: int = 50) -> None:
        self.folder, self._per_file = folder, per_file
        self.versions = dict.fromkeys(range(count), 0)
        self.gone: set[str] = set()
        folder.mkdir()
        self._write(range(0, count, per_file))

    @property
    def marks(self) -> set[str]:
        """The marks of all that are in."""
        return {mark_of(number, version) for number, version in self.versions.items()}

    def change(self, put: Mapping[int, int], removed: Iterable[int]) -> None:
        """Put versions of releases, and take others out."""
        gone, before = set(removed), self.marks
        self.versions = {n: v for n, v in {**self.versions, **put}.items() if n not in gone}
        self.gone = (self.gone | before) - self.marks
        self._write({*put, *gone})

    def _write(self, numbers: Iterable[int]) -> None:
        for file in {number // self._per_file for number in numbers}:
            inside = range(file * self._per_file, (file + 1) * self._per_file)
            records = [
                record_of(number, self.versions[number], embargoes=True)
                for number in inside
                if number in self.versions
            ]
            lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
            (self.folder / f"{file:04d}.jsonl").write_text(lines, "utf-8")


def check_archive(
    engine: Engine, expected: Mapping[str, PressRelease], marks: Iterable[str], gone: Iterable[str] = ()
) -> None:
    """The index has these releases with this content and no other, each found once by its id and by its mark,
    and none by a mark that is `gone`.
    """
    snapshot = engine.open(embargoed=True)
    try:
        assert snapshot.info.documents == len(expected)
        listed = [(version.id, version.content_hash) for version in snapshot.versions()]
        assert len(listed) == len(expected)
        assert dict(listed) == {name: release.content_hash for name, release in expected.items()}
        for some in pieces(expected):
            docs = find_docs(snapshot, some)
            assert [name for name in some if name not in docs] == []
            releases = snapshot.fetch([docs[name].ref for name in some])
            assert [one.id for one in releases if one != expected[one.id]] == []
        for asked, count in ((marks, 1), (gone, 0)):
            for some in pieces(asked):
                counts = snapshot.count([NgramPhrase(mark) for mark in some])
                assert [pair for pair in zip(some, counts, strict=True) if pair[1] != count] == []
    finally:
        snapshot.close()


def pieces(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """Values, some at a time."""
    remaining = iter(values)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some


def _letters(number: int, width: int) -> str:
    letters = ""
    for _ in range(width):
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
    return letters
