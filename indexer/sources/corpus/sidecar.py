"""`name.toml` beside a release: what it says overrides what the release says of itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path

from indexer.release import PressRelease
from indexer.sources.content_error import ContentError
from indexer.sources.extraction.named_fields import SUPPORTED_NAMES, add_value, field_of, release_of
from indexer.sources.formats.document import Found
from indexer.sources.problems import Refusal

MAX_SIDE_FILE_BYTES = 100_000

_KOREAN_NAME = re.compile(r"^[ \t]*([가-힣]+)[ \t]*=", re.MULTILINE)
# A key of parts without end takes tomllib time without end; no field is a table.
_LONG_KEY = re.compile(
    r"""(?:(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""",
)

_ATTRIBUTES = {"published": "published_at", "embargo": "embargo_until"}


def read_side_file(path: Path) -> dict[str, object]:
    """The values of a side file as they are named in it; times and integers as text.

    Raises ContentError where it is no TOML, OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        data = stream.read(MAX_SIDE_FILE_BYTES + 1)
    if len(data) > MAX_SIDE_FILE_BYTES:
        raise ContentError(f"곁 파일이 너무 큽니다({MAX_SIDE_FILE_BYTES // 1_000} KB 초과).", "줄이세요.")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        if _LONG_KEY.search(text):
            raise ContentError("곁 파일에 마침표로 이은 이름이 너무 깁니다.", '이름 = "값" 꼴로 쓰세요.')
        # TOML wants quotes around a name in Korean; a person does not think of that.
        loaded = tomllib.loads(_KOREAN_NAME.sub(r'"\1" =', text))
        return {name: _plain(value) for name, value in loaded.items()}
    except UnicodeDecodeError as error:
        raise ContentError("곁 파일이 UTF-8이 아닙니다.", "UTF-8로 저장하세요.") from error
    except (ValueError, RecursionError) as error:
        # Among them integers of more digits than Python turns into text.
        hint = '이름 = "값" 꼴로 쓰고, 글은 큰따옴표로 감싸세요.'
        raise ContentError(f"곁 파일의 TOML이 잘못됐습니다({error}).", hint) from error


def override(
    release: PressRelease, values: dict[str, object], name: str
) -> Iterator[PressRelease | Refusal | tuple[Found, ...]]:
    """A warning for every name that is not known, where the new values stand, and the release with them.

    Raises ContentError where a value cannot be used.
    """
    known: dict[str, object] = {}
    for key, value in values.items():
        field = field_of(key)
        if field is None:
            yield Refusal(
                release.source_path,
                f"곁 파일 {name}의 ‘{key[:40]}’는 모르는 이름이라 쓰지 않았습니다.",
                f"쓸 수 있는 이름: {SUPPORTED_NAMES}",
                warning=True,
            )
        else:
            add_value(known, field, value)
    named = dict(known)
    named.setdefault("title", release.title or "?")
    read = release_of(named, (), release.source_path)
    names = {_ATTRIBUTES.get(field, field) for field in known}
    changed = {field.name: getattr(read, field.name) for field in fields(read) if field.name in names}
    if "published_at" in changed:
        changed["published_precision"] = read.published_precision
    yield tuple(
        Found(field, str(value), f"곁 파일 {name}")  # type: ignore[arg-type]
        for field, value in known.items()
    )
    yield replace(release, **changed)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
