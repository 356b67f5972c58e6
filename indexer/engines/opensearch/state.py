"""The state of an archive in a cluster: which indexes it has, and what belongs to them besides releases.

    bodo                        an alias, of the live index of releases
    bodo-000007-1b2c3d4e        an index of releases
    bodo-000007-1b2c3d4e-state  records that belong to it: curated files, source digests, phrases
    bodo-000007-1b2c3d4e-e17…   releases under embargo until this second, not searched before it
    bodo-lock                   who writes

The mapping of an index of releases has the state in its `_meta`: one request to the alias reads it, and
replacing it is the commit. Records never change: another content is another record.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import zstandard

from indexer.engines.opensearch.cluster import Cluster, ClusterError
from indexer.engines.opensearch.keywords import from_keyword, to_keyword
from indexer.errors import IndexUnavailable
from indexer.schema import INDEX_FORMAT

# Raise it when the mapping, the blobs or the records change so that older ones are read wrongly.
_FORMAT = f"{INDEX_FORMAT}.1"
_META = "bodo"
# Reads are repeated so often where a node does not answer: other nodes have the same shards.
READ_ATTEMPTS = 3
# Snapshots that were open when a record was replaced may still want it.
_KEPT_RECORD_S = 600
_VALUES_AT_ONCE = 500
# Longer than the cluster itself waits for its manager and its nodes (30 s each): a change that was given up
# must not be made later, over one that came behind it.
_CHANGE_TIMEOUT_S = 90.0
# A record that unpacks to more is not ours.
_MAX_RECORD_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How an archive is kept in the cluster: the name of its alias, the shards of an index of releases,
    copies of each shard, and how many former indexes stay.
    """

    alias: str = "bodo"
    shards: int = 2
    replicas: int = 1
    keep: int = 1


@dataclass(frozen=True, slots=True)
class PhrasePart:
    """A record of phrases with how many releases have each, which may be negative: what a change added to the
    part before it. It counts from second `embargo_s` on.
    """

    record: str
    embargo_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What one commit left.

    - `index`: the index of releases. `number` counts its commits.
    - `documents`: how many releases there are, with those under embargo.
    - `embargoes`: the indexes of releases under embargo, each with the first and the last second at which
      one of them may be found.
    - `curated_files`, `digests`, `pending`: names of records, '' for none. `pending` has the ids of
      a change that was begun: they may be as before or as changed.
    - `obsolete`: records and indexes of embargoes that are no longer used, and since when.
    """

    index: str
    number: int
    updated_at: str
    documents: int
    analyzer: Mapping[str, Any]
    embargoes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    curated_files: str = ""
    digests: tuple[str, ...] = ()
    phrases: tuple[PhrasePart, ...] = ()
    pending: str = ""
    obsolete: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Differs from that of any other state."""
        return f"{'-'.join(self.index.rsplit('-', 2)[1:])}.{self.number}"

    @property
    def committed_at(self) -> datetime:
        """When it was committed."""
        return datetime.fromisoformat(self.updated_at)

    @property
    def indexes(self) -> tuple[str, ...]:
        """All indexes of releases."""
        return (self.index, *self.embargoes)

    def visible(self, at_s: float) -> tuple[str, ...]:
        """The indexes in which a release may be found at this time."""
        return (self.index, *(name for name, (first, _) in self.embargoes.items() if first <= at_s))

    def records(self) -> set[str]:
        """The names of all records that are in use."""
        names = {self.curated_files, *self.digests, self.pending}
        return {*names, *(part.record for part in self.phrases)} - {""}

    def succeeded_by(self, after: State) -> State:
        """`after` with what only this state uses as obsolete."""
        now = int(time.time())
        names = {*self.obsolete, *self.records(), *self.embargoes} - after.records() - after.embargoes.keys()
        return replace(after, obsolete={name: self.obsolete.get(name, now) for name in names})

    def expired(self) -> list[str]:
        """What is obsolete and no open snapshot wants any more. OpenSearch never stops counting a point in
        time whose index was deleted, and a node takes 300.
        """
        return [name for name, since in self.obsolete.items() if time.time() - since > _KEPT_RECORD_S]

    def to_dict(self) -> dict[str, Any]:
        """The state as JSON values."""
        return {"format": _FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> State:
        """Read what `to_dict` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        values = {name: value for name, value in record.items() if name != "format"}
        values["phrases"] = tuple(PhrasePart(**part) for part in values["phrases"])
        values["digests"] = tuple(values["digests"])
        values["embargoes"] = {name: (first, last) for name, (first, last) in values["embargoes"].items()}
        return cls(**values)


class Store:
    """The states and records behind an alias of a cluster."""

    def __init__(self, cluster: Cluster, alias: str) -> None:
        self.cluster, self.alias = cluster, alias

    def live(self, *, nearest: bool = False) -> State | None:
        """The live state; None if there is none. `nearest`: as far as the node knows that is asked, which
        answers even while the cluster has no manager.

        Raises IndexUnavailable if it cannot be read.
        """
        params = {"local": "true"} if nearest else {}
        try:
            answer = self.cluster.ask("GET", f"/{self.alias}/_mapping", params=params, attempts=READ_ATTEMPTS)
        except ClusterError as error:
            # A proxy that finds no server may answer with this status, too.
            if error.status == 404 and error.kind == "index_not_found_exception":
                # A node may not have heard of it yet.
                return self.live() if nearest else None
            raise
        if len(answer) != 1:
            raise IndexUnavailable(
                f"{self.alias}이(가) 색인 {len(answer)}개를 가리킵니다.",
                "다른 도구가 바꾸었으면 하나만 가리키게 하세요: POST _aliases",
            )
        (mapping,) = answer.values()
        meta = mapping["mappings"].get("_meta", {}).get(_META)
        if meta is None:
            raise IndexUnavailable(
                f"{self.alias}은(는) bodo가 만든 색인이 아닙니다.",
                "BODO_OPENSEARCH_INDEX로 다른 이름을 고르세요.",
            )
        if meta.get("format") != _FORMAT:
            raise IndexUnavailable(
                f"{self.alias} 색인의 형식이 다릅니다.",
                "`bodo reindex --full`로 다시 만드세요. 그동안 앞의 색인은 그대로입니다.",
            )
        try:
            return State.from_dict(meta)
        except (KeyError, TypeError, ValueError) as error:
            raise IndexUnavailable(
                f"{self.alias} 색인의 상태를 읽을 수 없습니다.", "`bodo reindex --full`로 다시 만드세요."
            ) from error

    def live_index(self) -> str:
        """The index that the alias names, whoever made it; '' if there is none."""
        try:
            answer = self.cluster.ask("GET", f"/_alias/{self.alias}", attempts=READ_ATTEMPTS)
        except ClusterError as error:
            if error.status == 404:
                return ""
            raise
        return next(iter(answer))

    def is_ours(self) -> bool:
        """Whether the alias is there and names an index that bodo made."""
        return self.live_index() in self.indexes()

    def finished(self) -> set[str]:
        """The indexes of releases that were live once."""
        answer = self.cluster.ask("GET", f"/{self.alias}-*/_mapping", attempts=READ_ATTEMPTS)
        return {name for name, mapping in answer.items() if _META in mapping["mappings"].get("_meta", {})}

    def go_live(self, state: State) -> None:
        """Have the alias name the index of `state` and no other, by one change."""
        others = [name for name in self.indexes() if name != state.index]
        actions: list[dict[str, Any]] = [{"add": {"index": state.index, "alias": self.alias}}]
        live = self.live_index()
        if live in others:
            actions.append({"remove": {"index": live, "alias": self.alias}})
        self.cluster.ask(
            "POST",
            "/_aliases",
            {"actions": actions},
            attempts=READ_ATTEMPTS,
            timeout_s=_CHANGE_TIMEOUT_S,
            whole=True,
        )

    def read_values(self, indexes: Sequence[str], ids: Sequence[str], field: str) -> dict[str, str]:
        """The values of a field by id of releases, of which there may be many."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), _VALUES_AT_ONCE):
            some = ids[start : start + _VALUES_AT_ONCE]
            body = {
                "size": len(some), "query": {"terms": {"id": list(map(to_keyword, some))}},
                "stored_fields": "_none_", "docvalue_fields": ["id", field],
            }  # fmt: skip
            answer = self.search(indexes, body)
            hits = [hit["fields"] for hit in answer["hits"]["hits"]]
            found.update((from_keyword(fields["id"][0]), fields[field][0]) for fields in hits)
        return found

    def search(self, indexes: Sequence[str], body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of all shards of some indexes as they are now."""
        return self.cluster.ask(
            "POST",
            f"/{','.join(indexes)}/_search",
            body,
            params={"allow_partial_search_results": "false"},
            attempts=READ_ATTEMPTS,
            timeout_s=60,
            whole=True,
        )

    def save(self, state: State) -> None:
        """Make `state` that of its index: for the live index, the commit."""
        self.cluster.ask(
            "PUT",
            f"/{state.index}/_mapping",
            {"_meta": {_META: state.to_dict()}},
            attempts=READ_ATTEMPTS,
            timeout_s=_CHANGE_TIMEOUT_S,
            whole=True,
        )

    def indexes(self) -> dict[str, list[str]]:
        """All indexes of the archive but that of the lock: of each index of releases those that belong to it,
        by its name, the newest last.
        """
        answer = self.cluster.ask(
            "GET",
            f"/{self.alias}-*/_settings",
            params={"filter_path": "*.settings.index.uuid"},
            attempts=READ_ATTEMPTS,
        )
        pattern = re.compile(rf"({re.escape(self.alias)}-\d{{6,}}-[0-9a-f]{{8}})(?:-.+)?")
        found: dict[str, list[str]] = {}
        for name in sorted(answer):
            if match := pattern.fullmatch(name):
                found.setdefault(match[1], []).append(name)
        return found

    def create(self, name: str, body: Mapping[str, Any]) -> None:
        """Make an index."""
        try:
            self.cluster.ask(
                "PUT", f"/{name}", body, attempts=READ_ATTEMPTS, timeout_s=_CHANGE_TIMEOUT_S, whole=True
            )
        except ClusterError as error:
            # The answer to the first attempt was lost.
            if error.kind != "resource_already_exists_exception":
                raise

    def delete(self, names: Iterable[str]) -> None:
        """Remove indexes; those that are gone already do not matter."""
        for name in names:
            self.cluster.ask(
                "DELETE",
                f"/{name}",
                params={"ignore_unavailable": "true"},
                attempts=READ_ATTEMPTS,
                timeout_s=_CHANGE_TIMEOUT_S,
            )

    def put_record(self, index: str, kind: str, value: object, known: Collection[str] = ()) -> str:
        """Keep a JSON value beside an index of releases; its name. One that is `known` is there already."""
        data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        name = f"{kind}-{hashlib.blake2b(data, digest_size=16).hexdigest()}"
        if name in known:
            return name
        packed = base64.b64encode(zstandard.ZstdCompressor(level=6).compress(data)).decode()
        self.cluster.ask(
            "PUT",
            f"/{_records_of(index)}/_doc/{name}",
            {"data": packed},
            attempts=READ_ATTEMPTS,
            timeout_s=60,
        )
        return name

    def read_records(self, index: str, names: Sequence[str]) -> list[Any]:
        """The values of records. Raises IndexUnavailable if one is gone or damaged."""
        if not names:
            return []
        answer = self.cluster.ask(
            "POST",
            f"/{_records_of(index)}/_mget",
            {"ids": list(names)},
            attempts=READ_ATTEMPTS,
            timeout_s=60,
            whole=True,
        )
        try:
            return [_unpack(document["_source"]["data"]) for document in answer["docs"]]
        except (KeyError, ValueError, zstandard.ZstdError) as error:
            raise IndexUnavailable(
                f"{_records_of(index)} 색인의 기록을 읽을 수 없습니다.",
                "`bodo reindex --full`로 다시 만드세요.",
            ) from error

    def delete_records(self, index: str, names: Sequence[str]) -> None:
        """Remove records."""
        for name in names:
            try:
                self.cluster.ask("DELETE", f"/{_records_of(index)}/_doc/{name}", attempts=READ_ATTEMPTS)
            except ClusterError as error:
                if error.status != 404:
                    raise

    def create_records(self, index: str, replicas: int) -> None:
        """Make the place for the records of an index of releases."""
        self.create(
            _records_of(index),
            {
                "settings": {"index": {"number_of_shards": 1, "number_of_replicas": replicas}},
                "mappings": {"dynamic": "strict", "properties": {"data": {"type": "binary"}}},
            },
        )


def _records_of(index: str) -> str:
    return f"{index}-state"


def _unpack(data: str) -> Any:  # noqa: ANN401 - whatever was kept
    unpacked = zstandard.ZstdDecompressor().decompress(
        base64.b64decode(data), max_output_size=_MAX_RECORD_BYTES
    )
    return json.loads(unpacked.decode("utf-8", "surrogatepass"))
