"""Who issued what, by the names of today: the labels of an index, gathered by the table of issuers.

A label is what a source called the issuer of a release. The index keeps labels as they came; what they mean
is looked up when it is asked, so that another table needs no new index. A name that `outlets.txt` gives to an
issuer is its user's word: a body of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from indexer.curation.issuer_table import IssuerName, IssuerTable
from indexer.curation.issuers import Issuers
from indexer.engine import MAX_FACET_VALUES
from indexer.search.response import FacetValue
from indexer.text.normalize import squeeze


@dataclass(frozen=True, slots=True)
class IssuerWord:
    """A word of a query that names an issuer. `today`: the name of its body today. `also`: the other names to
    search for. `labels`: those of the index under which this body issued releases; of one that became a part
    of a larger body, only those from before.
    """

    today: str
    also: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class IssuerLabels:
    """The bodies behind the labels of an index. Threads may share it."""

    def __init__(
        self, table: IssuerTable, own_names: Issuers, list_labels: Callable[[], Sequence[str]]
    ) -> None:
        """`own_names` are those of the user. `list_labels` lists all labels of the index; it is called once,
        when they are first needed.
        """
        self._table, self._own_names, self._list_labels = table, own_names, list_labels
        self._names: dict[str, IssuerName] = {}

    def name_of(self, label: str) -> IssuerName:
        """What a label means. One that no table knows means itself."""
        name = self._names.get(label)
        if name is None:
            own_name = self._own_names.name_of(label)
            found = None if own_name else _find(self._table, label)
            known = own_name or label
            name = self._names[label] = self._as_owned(found) if found else IssuerName(known, known)
        return name

    def _as_owned(self, name: IssuerName) -> IssuerName:
        """A name of the table, as the user calls it and its body."""
        if own_name := self._own_names.name_of(name.name):
            return IssuerName(own_name, own_name)
        return replace(name, body=self._own_names.name_of(name.body) or name.body)

    def today(self, label: str) -> str:
        """What the body is called today; '' where it is still called so, or unknown."""
        name = self.name_of(label)
        return name.body if name.name != name.body else ""

    def gather(self, counts: Mapping[str, int], limit: int) -> tuple[FacetValue, ...]:
        """The `limit` bodies with the most releases, by the counts of all labels: the highest first, then by
        name. Each has the sum of its labels; below it are its former names, each with the sum of its own.
        """
        bodies: dict[str, dict[str, int]] = {}
        for label, count in counts.items():
            name = self.name_of(label)
            names = bodies.setdefault(name.body, {})
            names[name.name] = names.get(name.name, 0) + count
        sums = _highest((body, sum(names.values())) for body, names in bodies.items())[:limit]
        return tuple(
            FacetValue(
                body,
                count,
                tuple(FacetValue(*one) for one in _highest(bodies[body].items()) if one[0] != body),
            )
            for body, count in sums
        )

    def labels_of(self, typed: str) -> tuple[str, ...]:
        """The labels that a name means, sorted: those of a body, for its name of today or an abbreviation; of
        one name only, for a former name in full. The abbreviation of a body that became a part of a larger
        one means the former. () where `typed` is no name of an issuer, or has no label.
        """
        if own_name := self._own_names.name_of(typed):
            return self._by_body.get(own_name, ())
        found = self._table.find(typed) if self._table.is_label(typed) else self._find_exactly(typed)
        if found is None:
            return ()
        name = self._as_owned(found)
        is_former = name.name != name.body and squeeze(typed) == squeeze(found.name)
        return self._by_name.get(name.name, ()) if is_former else self._labels_as_word(name)

    def labels_of_all(self, values: Iterable[str]) -> tuple[str, ...]:
        """The labels that any of the chosen values means. A value that is no name means itself."""
        return tuple(dict.fromkeys(label for value in values for label in self.labels_of(value) or (value,)))

    def labels_with(self, label: str) -> tuple[str, ...]:
        """All labels of the body that a label means."""
        return self._by_body.get(self.name_of(label).body) or (label,)

    def read_word(self, word: str) -> IssuerWord | None:
        """The issuer that a word of a query names; None where it names none."""
        found = self._find_exactly(word)
        if found is None:
            return None
        own_name = self._own_names.name_of(word)
        name = IssuerName(own_name, own_name) if own_name else self._as_owned(found)
        return IssuerWord(name.body, self._table.related_names(word), self._labels_as_word(name))

    def _labels_as_word(self, name: IssuerName) -> tuple[str, ...]:
        """The labels of the body that a name means; of one that became a part of a larger body, its own: what
        the larger one issues is not what this name asks for, nor are its other parts.
        """
        if name.merged:
            return self._by_merged.get(name.merged[0], ())
        return self._by_body.get(name.body, ())

    def _find_exactly(self, typed: str) -> IssuerName | None:
        """Whose name this is. A label may go on with a department, a name may not."""
        typed = unicodedata.normalize("NFC", typed)
        name = self._table.find(typed)
        if name and (squeeze(typed) == squeeze(name.name) or self._table.related_names(typed)):
            return name
        return None

    @cached_property
    def _by_body(self) -> Mapping[str, tuple[str, ...]]:
        return self._group(lambda name: (name.body,))

    @cached_property
    def _by_merged(self) -> Mapping[str, tuple[str, ...]]:
        return self._group(lambda name: name.merged)

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, ...]]:
        return self._group(lambda name: (name.name,))

    @cached_property
    def _labels(self) -> Sequence[str]:
        return sorted(self._list_labels())

    def _group(self, keys: Callable[[IssuerName], Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
        groups: dict[str, list[str]] = {}
        for label in self._labels:
            for key in keys(self.name_of(label)):
                groups.setdefault(key, []).append(label)
        return {name: tuple(labels) for name, labels in groups.items()}


@lru_cache(maxsize=MAX_FACET_VALUES)
def _find(table: IssuerTable, label: str) -> IssuerName | None:
    """What a label means to the table: the same for every snapshot that has it."""
    return table.find(label)


def _highest(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda one: (-one[1], one[0]))
