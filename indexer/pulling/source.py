"""`sources.toml` beside the releases: where `bodo pull` gets them from. People edit it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from indexer.curation.files import SOURCES, curated_file_path
from indexer.errors import BodoError
from indexer.pulling.addresses import host_and_port
from indexer.pulling.source_values import CHECKS, KOREA_KR_KEY, WrongValue, shown
from indexer.pulling.visits import Rules

Kind = Literal["feed", "sitemap", "list", "korea.kr"]

# The press releases of 정책브리핑 at 공공데이터포털.
KOREA_KR_URL = "https://apis.data.go.kr/1371000/pressReleaseService/pressReleaseList"
# What press offices attach, but for pictures, whose text nobody finds.
ATTACHMENT_SUFFIXES = (
    ".hwp", ".hwpx", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".csv", ".zip",
)  # fmt: skip

_KINDS: dict[str, Kind] = {
    "feed": "feed", "rss": "feed", "atom": "feed", "sitemap": "sitemap", "list": "list",
    "korea.kr": "korea.kr",
}  # fmt: skip
_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
_HEAD = re.compile(r"[ \t]*\[\[[ \t]*source[ \t]*\]\]")
_MAX_FILE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source. docs/pull.md says what each key means; the fields are called as the keys are."""

    name: str
    kind: Kind
    url: str
    outlet: str = ""
    delay_s: float = 1.0
    max_items: int = 100
    allow_private: bool | tuple[str, ...] = False
    follow: bool = True
    attachments: bool = True
    attachment_suffixes: tuple[str, ...] = ATTACHMENT_SUFFIXES
    attachment_pattern: re.Pattern[str] | None = None
    recheck_days: int = 14
    ignore_params: tuple[str, ...] = ()
    include: re.Pattern[str] | None = None
    links: str = ""
    link_pattern: re.Pattern[str] | None = None
    link_url: str = ""
    next: str = ""
    max_pages: int = 1
    days: int = 3
    key_env: str = KOREA_KR_KEY

    @property
    def rules(self) -> Rules:
        """What fetching for this source may do."""
        if self.allow_private is True:
            # With its port, even that of the scheme: a bare host would allow every port of it.
            hosts = frozenset({host_and_port(self.url)} - {""})
        else:
            hosts = frozenset(self.allow_private or ())
        return Rules(private_hosts=hosts, delay_s=self.delay_s)


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """A source that cannot be used: its name ('' if it has none), the line of the file (from 1), why not."""

    name: str
    line: int
    reason: str
    hint: str

    def __str__(self) -> str:
        named = f" ‘{self.name}’" if self.name else ""
        return f"{SOURCES}:{self.line}:{named} {self.reason} — {self.hint}"


def read_sources(corpus: Path) -> tuple[list[Source], list[SourceProblem]]:
    """The sources of a corpus in their order, and a problem for each that cannot be used.

    Raises BodoError where the file is not there, cannot be read or is not TOML.
    """
    path = curated_file_path(corpus, SOURCES)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        hint = f"docs/pull.md의 예를 보고 {path}에 [[source]]를 쓰세요."
        raise BodoError(f"가져올 곳을 적은 {SOURCES} 파일이 없습니다.", hint) from error
    except OSError as error:
        raise BodoError(
            f"{path} 파일을 읽을 수 없습니다({error.strerror}).", "읽기 권한을 확인하세요."
        ) from error
    if len(data) > _MAX_FILE_BYTES:
        raise BodoError(f"{path} 파일이 너무 큽니다({_MAX_FILE_BYTES // 1_000} KB 초과).", "나누어 쓰세요.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodoError(f"{path} 파일이 UTF-8이 아닙니다.", "UTF-8로 저장하세요.") from error
    try:
        return parse_sources(text)
    except (ValueError, RecursionError) as error:
        line = _LINE.search(str(error))
        place = f"{path}:{line[1]}" if line else str(path)
        hint = "이름 = \"값\" 꼴로 쓰세요. 값에 따옴표나 \\가 들었으면 '''값''' 꼴로 쓰세요."
        raise BodoError(f"{place}: TOML로 읽을 수 없습니다.", hint) from error


def parse_sources(text: str) -> tuple[list[Source], list[SourceProblem]]:
    """As `read_sources`, of a text. Raises ValueError or RecursionError where it is not TOML."""
    document = tomllib.loads(text)
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if _HEAD.match(line)]
    problems = [
        SourceProblem(
            "", _line_of(lines, 0, key), f"‘{shown(key)}’는 모르는 이름입니다.", "[[source]]만 씁니다."
        )
        for key in document
        if key != "source"
    ]
    tables = document.get("source", [])
    if not isinstance(tables, list):
        return [], [*problems, SourceProblem("", 1, "source가 목록이 아닙니다.", "[[source]]로 쓰세요.")]
    sources: list[Source] = []
    for index, table in enumerate(tables):
        first = heads[index] if index < len(heads) else 0
        name = table.get("name") if isinstance(table, dict) else None
        called = shown(name) if isinstance(name, str) else ""
        try:
            source = _source_of(table)
            if any(source.name.casefold() == other.name.casefold() for other in sources):
                raise WrongValue("name", "name이 앞의 것과 같습니다.", "다른 이름을 쓰세요.")
        except WrongValue as wrong:
            line = _line_of(lines, first, wrong.key)
            problems.append(SourceProblem(called, line, wrong.reason, wrong.hint))
        else:
            sources.append(source)
    return sources, problems


def _line_of(lines: list[str], first: int, key: str) -> int:
    """The line, from 1, of a key at or below the line `first` (from 0), before the next source."""
    wanted = re.compile(rf"[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]")
    for number, line in enumerate(lines[first:], first):
        if number > first and _HEAD.match(line):
            break
        if wanted.match(line):
            return number + 1
    return first + 1


def _source_of(table: object) -> Source:
    if not isinstance(table, dict):
        raise WrongValue("source", "[[source]]가 아닙니다.", "이름 = 값을 한 줄에 하나씩 쓰세요.")
    kind = _KINDS.get(table.get("kind", "")) if isinstance(table.get("kind"), str) else None
    if kind is None:
        raise WrongValue("kind", "kind가 없거나 모르는 것입니다.", f"쓸 수 있는 것: {', '.join(_KINDS)}")
    allowed = _allowed_keys(kind)
    for key in table:
        if key not in allowed:
            raise WrongValue(
                key, f"‘{shown(key)}’는 {kind}에 없는 이름입니다.", f"쓸 수 있는 이름: {', '.join(allowed)}"
            )
    values = {key: CHECKS[key](key, value) for key, value in table.items()}
    if "name" not in values:
        raise WrongValue("name", "name이 없습니다.", '폴더의 이름이 될 것을 쓰세요. 예: name = "창원시"')
    if kind == "korea.kr":
        values.setdefault("url", KOREA_KR_URL)
    if "url" not in values:
        raise WrongValue("url", "url이 없습니다.", "목록이나 피드의 주소를 쓰세요.")
    if kind == "list" and not (values.get("links") or values.get("link_pattern")):
        raise WrongValue(
            "kind", "links도 link_pattern도 없습니다.", "보도자료로 가는 링크를 고르는 법을 쓰세요."
        )
    if values.get("link_url") and "link_pattern" not in values:
        raise WrongValue(
            "link_url", "link_url만 있고 link_pattern이 없습니다.", "번호를 찾을 식을 함께 쓰세요."
        )
    return Source(**{**values, "kind": kind})


_COMMON = ("name", "kind", "url", "outlet", "delay_s", "max_items", "allow_private", "attachments")
_OF_PAGES = ("attachment_suffixes", "attachment_pattern", "recheck_days", "ignore_params")
_KEYS: dict[Kind, tuple[str, ...]] = {
    "feed": (*_COMMON, *_OF_PAGES, "follow"),
    "sitemap": (*_COMMON, *_OF_PAGES, "include"),
    "list": (*_COMMON, *_OF_PAGES, "links", "link_pattern", "link_url", "next", "max_pages"),
    "korea.kr": (*_COMMON, "days", "key_env"),
}


def _allowed_keys(kind: Kind) -> tuple[str, ...]:
    return _KEYS[kind]


assert set(CHECKS) == {field.name for field in fields(Source)}
