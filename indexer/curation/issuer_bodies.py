"""Reads the table of issuers as bodies and their names. The head of `issuer_table.toml` explains its keys."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

# One entry of the table as TOML gives it.
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldName:
    """A name that a body had: `since` its first day, None where that is older than 2008 or not known; `short`
    its abbreviations; `also` other spellings of it, which find the body but need no search of their own.
    """

    name: str
    since: date | None = None
    short: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name and its abbreviations."""
        return (self.name, *self.short)


@dataclass(frozen=True, slots=True)
class Body:
    """A body that issues press releases.

    `names` are its names, oldest first. `labels` name it only as a label of a release. `until` is the day on
    which it ended; `successors` are the newest names of what came of it, the first of which has its releases.
    `is_merged`: that one is a larger body, of which it became a part.
    """

    names: tuple[HeldName, ...]
    labels: tuple[str, ...] = ()
    until: date | None = None
    successors: tuple[str, ...] = ()
    is_local: bool = False
    is_merged: bool = False

    @property
    def name(self) -> str:
        """Its newest name."""
        return self.names[-1].name

    def names_after(self, day: date) -> Iterator[HeldName]:
        """The names that it had on this day or later, oldest first."""
        for held, later in zip(self.names, (*self.names[1:], None), strict=True):
            if later is None or (later.since is not None and later.since > day):
                yield held


def read_bodies(text: str) -> tuple[Body, ...]:
    """The bodies of a table. Raises KeyError, TypeError or ValueError where it has another shape."""
    table = tomllib.loads(text)
    bodies = [_body_of(entry) for entry in table.get("body", ())]
    bodies += [Body((HeldName(name),)) for entry in table.get("same", ()) for name in entry["names"]]
    provinces = table.get("province", ())
    bodies += [_body_of(entry, is_local=True) for entry in provinces]
    return (*bodies, *_local_bodies(provinces, table.get("local", ())))


def _body_of(entry: Entry, *, is_local: bool = False, names: Sequence[HeldName] = ()) -> Body:
    return Body(
        tuple(names) or tuple(map(_held_name_of, entry["names"])),
        tuple(entry.get("labels", ())),
        entry.get("until"),
        tuple(entry.get("successors", ())),
        is_local,
        entry.get("merged", False),
    )


def _held_name_of(entry: Entry) -> HeldName:
    return HeldName(entry["name"], entry.get("since"), tuple(entry.get("short", ())))


def _local_bodies(provinces: Sequence[Entry], others: Sequence[Entry]) -> Iterator[Body]:
    """Basic local governments. A name that several have (중구, 고성군) counts only behind a province."""
    by_name = {province["names"][-1]["name"]: province for province in provinces}
    plain = [
        {"names": [{"name": name}], "provinces": [own]}
        for own, province in by_name.items()
        for name in province.get("local", ())
    ]
    entries = [*plain, *others]
    times = Counter(name["name"] for entry in entries for name in entry["names"])
    times.update(spelling for province in provinces for spelling in province.get("front", ()))
    for entry in entries:
        above = [by_name[name] for name in entry["provinces"]]
        names: list[HeldName] = []
        for held in map(_held_name_of, entry["names"]):
            if times[held.name] > 1:
                names += _names_in_full(held, above[0], by_name)
            else:
                fronts = (front for province in above for front in _fronts(province, by_name))
                names.append(HeldName(held.name, held.since, held.short, _behind(fronts, held.name)))
        yield _body_of(entry, is_local=True, names=names)


def _names_in_full(held: HeldName, province: Entry, by_name: Mapping[str, Entry]) -> Iterator[HeldName]:
    """The name behind each name that its province had: 강원도 고성군, then 강원특별자치도 고성군."""
    own = len(province["names"])
    for number, above in enumerate(_names_of_province(province, by_name), 1):
        # 강원 and 광주 mean the province under the newest name of its own.
        fronts = _only_fronts(province) if number == own else ()
        yield HeldName(
            f"{above.name} {held.name}",
            above.since or held.since,
            _behind(above.short, held.name),
            _behind(fronts, held.name),
        )


def _names_of_province(province: Entry, by_name: Mapping[str, Entry]) -> list[HeldName]:
    """The names of a province, oldest first, and then that of the one which it has become a part of."""
    names = [_held_name_of(entry) for entry in province["names"]]
    for successor in province.get("successors", ()):
        names += map(_held_name_of, by_name[successor]["names"])
    return names


def _fronts(province: Entry, by_name: Mapping[str, Entry]) -> Iterator[str]:
    """What may stand in front of a local government of this province."""
    for held in _names_of_province(province, by_name):
        yield from held.spellings
    yield from _only_fronts(province)


def _only_fronts(province: Entry) -> Iterator[str]:
    yield from province.get("labels", ())
    yield from province.get("front", ())


def _behind(fronts: Iterable[str], name: str) -> tuple[str, ...]:
    return tuple(f"{front} {name}" for front in dict.fromkeys(fronts))
