"""Values with their origins <-> the fields of a press release."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from indexer.release import Precision, PressRelease
from indexer.sources.formats.document import Field, FieldValue
from indexer.sources.recognizers.times import parse_time

# The attributes of `PressRelease` that are not called as their field is.
ATTRIBUTES = {"published": "published_at", "embargo": "embargo_until", "corrected": "corrected_at"}


def fields_of(release: PressRelease, origin: str, without: Collection[str] = ()) -> tuple[FieldValue, ...]:
    """The filled fields of a release that all have the same origin, but those named in `without`."""
    return tuple(
        FieldValue(field, str(value), origin)
        for field in get_args(Field)
        if (value := getattr(release, ATTRIBUTES.get(field, field))) and field not in without
    )


def fill_fields(
    release: PressRelease, values: Iterable[FieldValue]
) -> tuple[PressRelease, tuple[FieldValue, ...]]:
    """The release with its empty fields filled, and the values that were used: the first of each field.

    Subtitles are taken all. A time that `parse_time` does not read is skipped.
    """
    attributes: dict[str, Any] = {}
    used: list[FieldValue] = []
    for item in values:
        name = ATTRIBUTES.get(item.field, item.field)
        if getattr(release, name) or (attributes.get(name) and name != "subtitles"):
            continue
        if name == "subtitles":
            attributes[name] = (*attributes.get(name, ()), item.value)
        elif item.field in ATTRIBUTES:
            time = _parse_time(item.value)
            if time is None:
                continue
            attributes[name], precision = time
            if name == "published_at":
                attributes["published_precision"] = precision
        else:
            attributes[name] = item.value
        used.append(item)
    if not used:
        return release, ()
    return replace(release, **attributes, origins=origins_of(used)), tuple(used)


def origins_of(values: Iterable[FieldValue]) -> tuple[tuple[str, str], ...]:
    """Field and origin of each value, the first of each field: of several subtitles the first counts."""
    origins: dict[str, str] = {}
    for item in values:
        origins.setdefault(item.field, item.origin)
    return tuple(origins.items())


def _parse_time(text: str) -> tuple[datetime, Precision] | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
