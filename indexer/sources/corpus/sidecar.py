"""The sidecar of a release, `name.toml` beside it: its values override what the release states."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path

from indexer.release import PressRelease
from indexer.sources.extraction.field_values import ATTRIBUTES
from indexer.sources.extraction.named_fields import (
    SUPPORTED_NAMES,
    add_value,
    field_of,
    release_from_fields,
)
from indexer.sources.formats.document import FieldValue
from indexer.sources.problems import ContentError, ReadProblem

# What the server told of the encoding of a page: no field of a release, but `bodo pull` writes it here.
CHARSET = "charset"
# A sidecar has a dozen lines; what is larger is another file.
MAX_SIDECAR_BYTES = 100_000

_LONGEST_QUOTED_NAME_CHARS = 40
_KOREAN_NAME = re.compile(r"^[ \t]*([가-힣]+)[ \t]*=", re.MULTILINE)
# A name of 50 parts joined by dots. `tomllib` takes time quadratic in their number, and no field is a table.
_LONG_KEY = re.compile(
    r"""(?:(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""",
)


@dataclass(frozen=True, slots=True)
class Override:
    """A release with the values of its sidecar: `fields` are these values, `problems` its unknown names."""

    release: PressRelease
    fields: tuple[FieldValue, ...]
    problems: tuple[ReadProblem, ...]


def read_sidecar(path: Path) -> dict[str, object]:
    """The values of a sidecar by their names as written; times and integers as text.

    Raises ContentError where it is not TOML, OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        data = stream.read(MAX_SIDECAR_BYTES + 1)
    if len(data) > MAX_SIDECAR_BYTES:
        raise ContentError(f"곁 파일이 너무 큽니다({MAX_SIDECAR_BYTES // 1_000} KB 초과).", "줄이세요.")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        if _LONG_KEY.search(text):
            raise ContentError("곁 파일에 마침표로 이은 이름이 너무 깁니다.", '이름 = "값" 꼴로 쓰세요.')
        # TOML wants quotes around a Korean name, which people leave out.
        values = tomllib.loads(_KOREAN_NAME.sub(r'"\1" =', text))
        return {name: _as_text(value) for name, value in values.items()}
    except UnicodeDecodeError as error:
        raise ContentError("곁 파일이 UTF-8이 아닙니다.", "UTF-8로 저장하세요.") from error
    except (ValueError, RecursionError) as error:
        # ValueError also for an integer of more digits than Python turns into text.
        hint = '이름 = "값" 꼴로 쓰고, 글은 큰따옴표로 감싸세요.'
        raise ContentError(f"곁 파일의 TOML이 잘못됐습니다({error}).", hint) from error


def charset_of(path: Path) -> str:
    """The encoding that a sidecar tells, '' if none. Reading its values tells what is wrong with it."""
    try:
        charset = read_sidecar(path).get(CHARSET, "")
    except (ContentError, OSError):
        return ""
    return charset if isinstance(charset, str) else ""


def override(release: PressRelease, values: dict[str, object], sidecar_name: str) -> Override:
    """`release` with the `values` of its sidecar. Raises ContentError where a value cannot be used."""
    named: dict[str, object] = {}
    problems: list[ReadProblem] = []
    for name, value in values.items():
        field = field_of(name)
        if name == CHARSET:
            continue
        if field is None:
            problems.append(
                ReadProblem(
                    release.source_path,
                    f"곁 파일 {sidecar_name}의 ‘{name[:_LONGEST_QUOTED_NAME_CHARS]}’는 모르는 이름이라"
                    " 쓰지 않았습니다.",
                    f"쓸 수 있는 이름: {SUPPORTED_NAMES}",
                    severity="warning",
                )
            )
        else:
            add_value(named, field, value)
    # A title is required; this one is not used.
    parsed = release_from_fields({"title": release.title or "?"} | named, (), release.source_path)
    attributes = {ATTRIBUTES.get(field, field) for field in named}
    if "published_at" in attributes:
        attributes.add("published_precision")
    changes = {
        attribute.name: getattr(parsed, attribute.name)
        for attribute in fields(parsed)
        if attribute.name in attributes
    }
    overriding = (
        FieldValue(field, str(value), f"곁 파일 {sidecar_name}")  # type: ignore[arg-type]
        for field, value in named.items()
    )
    return Override(replace(release, **changes), tuple(overriding), tuple(problems))


def _as_text(value: object) -> object:
    """Times and integers of TOML as text, those in a list too; anything else as it is."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return [_as_text(item) for item in value] if isinstance(value, list) else value
