"""Changes an archive in a cluster.

A change of the live index is kept in a file until it is committed; then its ids are noted, its documents
sent, and the new state saved. What was noted is compared again by the next writer if this one dies in
between. A new index is filled at once, as nobody searches it, and becomes live by one change of the alias.
"""

from __future__ import annotations

import os
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime

from indexer.analysis import Analyzer
from indexer.engine import Ids
from indexer.engines.opensearch.bulk import Action, BulkSender
from indexer.engines.opensearch.cluster import ClusterError
from indexer.engines.opensearch.documents import Document, with_group
from indexer.engines.opensearch.encoding import Encoder
from indexer.engines.opensearch.groups import Signature, label_groups
from indexer.engines.opensearch.lock import WriterLock
from indexer.engines.opensearch.mapping import index_body
from indexer.engines.opensearch.phrases import joined, put_added, put_base
from indexer.engines.opensearch.query import any_of, to_query
from indexer.engines.opensearch.refresh import refresh
from indexer.engines.opensearch.regrouping import IDS_AT_ONCE, id_of, pieces, regroup, value_of
from indexer.engines.opensearch.snapshot import OpenSearchSnapshot
from indexer.engines.opensearch.spool import Spool
from indexer.engines.opensearch.state import Layout, State, Store
from indexer.engines.opensearch.stored_release import unpack_phrases, unpack_release
from indexer.errors import IndexUnavailable
from indexer.release import SEOUL, PressRelease

# A choice: releases whose embargo has passed stay in their own index until there are so many of those.
_MAX_PASSED_EMBARGOES = 8
# A choice: each embargo has an index of its own, so that what is hidden has no part in any score. Further
# ones share the last, in which a release counts in the weights of words from the first of their moments on.
_MAX_EMBARGO_INDEXES = 64
# Phrases that only one release has are forgotten where a new index has more than this: they would fill the
# memory, and nobody is offered them.
_MAX_COUNTED_PHRASES = 3_000_000
# The digests are cut into so many records, so that a small change writes a small part.
_DIGEST_RECORDS = 64
# A choice: so many releases of a new index are read back before it becomes live.
_SAMPLES = 20
# So many hits with what is stored of them are asked for at once.
_HITS_AT_ONCE = 500


class OpenSearchWriter:
    """See `indexer.engine.Writer`."""

    def __init__(
        self,
        store: Store,
        lock: WriterLock,
        state: State | None,
        curated_files: dict[str, str],
        analyzer: Analyzer,
        layout: Layout,
        *,
        memory_mb: int,
        clock: Callable[[], float],
        open_whole: Callable[[], OpenSearchSnapshot],
    ) -> None:
        """`state` is what is changed; None for a new index. `open_whole` opens the live state with what is
        under embargo.
        """
        self._store, self._lock, self._state, self._layout = store, lock, state, layout
        self._curated_files, self._analyzer = curated_files, analyzer
        self._clock, self._open_whole = clock, open_whole
        self._encoder = Encoder(analyzer, memory_mb)
        self._sender = BulkSender(store.cluster, lock.turn)
        self._spool = Spool()
        self._index = ""
        # A cluster may do what was asked although the answer was lost.
        self._may_be_live = False
        try:
            self._clean_up()
            self._begin()
        except BaseException:
            self.close()
            raise

    def put(self, releases: Iterable[PressRelease]) -> None:
        """Add or replace releases."""
        for documents in self._encoder.encode(self._sampled(releases)):
            for document in documents:
                self._put(document)
            self._forget_rare_phrases()

    def remove(self, release_ids: Iterable[str]) -> None:
        """Remove releases."""
        self._removed_ids.update(release_ids)

    def set_curated_file(self, name: str, text: str) -> None:
        """Keep another text."""
        self._curated_files[name] = text

    def commit(self, source_digests: Mapping[str, str]) -> None:
        """Make all changes durable and live."""
        if self._state is None:
            self._commit_new(source_digests)
        else:
            self._commit_change(self._state, source_digests)
        self._begin()

    def close(self) -> None:
        """Discard what was not committed."""
        self._encoder.close()
        self._sender.close()
        self._spool.close()
        if self._state is None and not self._may_be_live:
            # What is left here the next writer removes.
            with suppress(ClusterError):
                names = self._store.indexes().get(self._index, [])
                self._store.delete(reversed(names))

    # What is gathered between two commits.

    def _begin(self) -> None:
        """Begin a change, or a new index."""
        self._put_ids: set[str] = set()
        self._removed_ids: set[str] = set()
        # By the second at which they begin to count.
        self._phrases: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self._signatures: list[Signature] = []
        # The groups of what is put, where they are in any.
        self._labels: dict[str, str] = {}
        self._samples: dict[str, str] = {}
        self._put_count = 0
        self._spool.clear()
        # One moment for the whole change: an embargo that passes within it counts as not yet passed.
        self._at_s = self._clock()
        self._embargoes: dict[str, tuple[int, int]] = dict(self._state.embargoes) if self._state else {}
        if self._state is not None:
            self._index = self._state.index
            return
        number = max((int(name.rsplit("-", 2)[1]) for name in self._store.indexes()), default=0) + 1
        self._index = f"{self._store.alias}-{number:06d}-{os.urandom(4).hex()}"
        self._store.create_records(self._index, self._layout.replicas)
        self._store.create(self._index, index_body(self._layout.shards, self._layout.replicas))

    def _put(self, document: Document) -> None:
        index = self._index_for(document.embargo_s)
        self._put_ids.add(document.id)
        self._phrases[0 if index == self._index else document.embargo_s].update(document.phrases)
        if document.signature:
            self._signatures.append(document.signature)
        action = Action(index, document.id, document.source)
        if self._state is None:
            self._sender.send([action])
        else:
            self._spool.add(action)

    def _sampled(self, releases: Iterable[PressRelease]) -> Iterator[PressRelease]:
        """Remember some of the releases, chosen evenly (reservoir sampling)."""
        for release in releases:
            self._put_count += 1
            if len(self._samples) < _SAMPLES:
                self._samples[release.id] = release.content_hash
            elif random.randrange(self._put_count) < _SAMPLES:  # noqa: S311 - no secret
                del self._samples[random.choice(list(self._samples))]  # noqa: S311
                self._samples[release.id] = release.content_hash
            yield release

    def _index_for(self, embargo_s: int) -> str:
        if embargo_s <= self._at_s:
            return self._index
        for name, (first, last) in self._embargoes.items():
            if first == last == embargo_s:
                return name
        if len(self._embargoes) < _MAX_EMBARGO_INDEXES:
            name = f"{self._index}-e{embargo_s}"
            self._store.create(name, index_body(1, self._layout.replicas))
            self._embargoes[name] = (embargo_s, embargo_s)
            return name
        name = max(self._embargoes, key=lambda one: self._embargoes[one][1])
        first, last = self._embargoes[name]
        self._embargoes[name] = (min(first, embargo_s), max(last, embargo_s))
        return name

    def _forget_rare_phrases(self) -> None:
        counts = self._phrases[0]
        if len(counts) > _MAX_COUNTED_PHRASES and self._state is None:
            self._phrases[0] = Counter({phrase: count for phrase, count in counts.items() if count > 1})

    # A new index.

    def _commit_new(self, source_digests: Mapping[str, str]) -> None:
        store = self._store
        indexes = (self._index, *self._embargoes)
        removed = sorted(self._removed_ids)
        self._sender.send(Action(name, release_id) for release_id in removed for name in indexes)
        self._sender.finish()
        # Where another writer has removed the index, a cluster may have made another one of this name.
        self._lock.check()
        refresh(store, indexes)
        self._put_groups(indexes)
        phrases = put_base(store, self._index, self._phrases.pop(0, {}))
        state = State(
            index=self._index,
            number=1,
            updated_at=_now(),
            documents=refresh(store, indexes),
            analyzer=self._analyzer.identity.to_dict(),
            embargoes=self._embargoes,
            curated_files=store.put_record(self._index, "curated", self._curated_files),
            digests=self._put_digests(source_digests),
            phrases=(*phrases, *put_added(store, self._index, self._phrases)),
        )
        self._verify(state)
        self._lock.check()
        store.save(state)
        self._may_be_live = True
        store.go_live(state)
        self._state = state
        with suppress(ClusterError):  # the next writer does it
            self._clean_up()

    def _put_groups(self, indexes: Sequence[str]) -> None:
        """Put the releases again that are in groups, which only all of them together tell."""
        labels = label_groups([one for one in self._signatures if one.id not in self._removed_ids])
        grouped = sorted(release_id for release_id, label in labels.items() if label)
        for some in pieces(grouped, IDS_AT_ONCE):
            releases = map(unpack_release, self._store.read_values(indexes, some, "release").values())
            for documents in self._encoder.encode(releases):
                self._sender.send(
                    Action(self._index_for(one.embargo_s), one.id, with_group(one.source, labels[one.id]))
                    for one in documents
                )
        self._sender.finish()

    def _verify(self, state: State) -> None:
        """Raise IndexUnavailable if the new index does not have what was put into it."""
        expected = len(self._put_ids - self._removed_ids)
        samples = {name: digest for name, digest in self._samples.items() if name not in self._removed_ids}
        found = self._store.read_values(state.indexes, list(samples), "content_hash")
        wrong = sum(found.get(name) != content_hash for name, content_hash in samples.items())
        if state.documents != expected or wrong:
            raise IndexUnavailable(
                f"새 색인에 {expected:,}건이 있어야 하는데 {state.documents:,}건이 있습니다"
                f"(견본 {len(samples)}건 가운데 {wrong}건이 다름). 앞의 색인은 그대로입니다.",
                "클러스터의 상태와 기록을 보세요. 그 뒤에 다시 실행하세요.",
            )

    # A change of the live index.

    def _commit_change(self, state: State, source_digests: Mapping[str, str]) -> None:
        store = self._store
        changed = self._put_ids | self._removed_ids
        with closing(self._open_whole()) as snapshot:
            self._move_passed_embargoes(state, snapshot, changed)
            self._subtract_phrases(snapshot, changed)
            self._regroup(snapshot, changed)
        after = replace(
            state,
            number=state.number + 1,
            embargoes=self._embargoes,
            curated_files=store.put_record(state.index, "curated", self._curated_files),
            digests=self._put_digests(source_digests),
            phrases=joined(store, state, put_added(store, state.index, self._phrases), self._at_s),
            pending="",
        )
        begun = state
        if changed or self._labels:
            self._lock.check()
            ids = sorted(changed | self._labels.keys() | self._pending_ids(state))
            pending = store.put_record(state.index, "pending", ids)
            # New indexes are named before they have a release.
            begun = replace(state, pending=pending, embargoes={**self._embargoes, **state.embargoes})
            store.save(begun)
            self._send_change(state)
        documents = refresh(store, (state.index, *self._embargoes))
        after = begun.succeeded_by(replace(after, documents=documents, updated_at=_now()))
        expired = after.expired()
        kept = {name: since for name, since in after.obsolete.items() if name not in expired}
        after = replace(after, obsolete=kept)
        self._lock.check()
        store.save(after)
        self._state = after
        ended = [name for name in expired if name.startswith(f"{state.index}-")]
        with suppress(ClusterError):  # the next writer removes the indexes; a record does no harm
            store.delete(ended)
            store.delete_records(state.index, [name for name in expired if name not in ended])

    def _send_change(self, state: State) -> None:
        """Send what was put, and remove each release from the indexes in which it was."""
        indexes = {state.index, *state.embargoes, *self._embargoes}
        for action in self._spool:
            source = with_group(action.source, self._labels.get(action.release_id, ""))
            self._sender.send([replace(action, source=source)])
            elsewhere = sorted(indexes - {action.index})
            self._sender.send(Action(name, action.release_id) for name in elsewhere)
        removed = sorted(self._removed_ids - self._put_ids)
        self._sender.send(Action(name, release_id) for release_id in removed for name in sorted(indexes))
        self._sender.finish()

    def _pending_ids(self, state: State) -> set[str]:
        if not state.pending:
            return set()
        (ids,) = self._store.read_records(state.index, [state.pending])
        return set(ids)

    def _move_passed_embargoes(self, state: State, snapshot: OpenSearchSnapshot, changed: set[str]) -> None:
        """Put the releases of embargoes that have passed into the index of all others, once there are many
        such embargoes.
        """
        passed = [name for name, (_, last) in state.embargoes.items() if last <= self._at_s]
        if len(passed) < _MAX_PASSED_EMBARGOES:
            return
        for name in passed:
            self._embargoes.pop(name, None)
        in_passed = any_of([{"term": {"_index": name}} for name in passed])
        hits = snapshot.walk(["id", "group"], in_passed)
        groups = {id_of(hit): value_of(hit, "group", "") for hit in hits}
        self._put_again(snapshot, {one: group for one, group in groups.items() if one not in changed})

    def _put_again(self, snapshot: OpenSearchSnapshot, labels: Mapping[str, str]) -> None:
        """Put releases as they are, with other groups. Their phrases are counted already."""
        self._labels |= labels
        for some in pieces(list(labels), IDS_AT_ONCE):
            for documents in self._encoder.encode(snapshot.fetch(snapshot.find_refs(some))):
                for document in documents:
                    self._spool.add(Action(self._index_for(document.embargo_s), document.id, document.source))

    def _subtract_phrases(self, snapshot: OpenSearchSnapshot, ids: set[str]) -> None:
        """Take away the phrases of what is replaced or removed."""
        for some in pieces(sorted(ids), IDS_AT_ONCE):
            for hit in snapshot.walk(["embargo", "phrases"], to_query(Ids(tuple(some))), _HITS_AT_ONCE):
                embargo = int(value_of(hit, "embargo", 0))
                is_waiting = hit["_index"] != snapshot.state.index and embargo > self._at_s
                counted_from = embargo if is_waiting else 0
                self._phrases[counted_from].subtract(unpack_phrases(hit["fields"]["phrases"][0]))

    def _regroup(self, snapshot: OpenSearchSnapshot, changed: set[str]) -> None:
        """Find the groups of what was put, and put those again whose group is another because of that."""
        new = [one for one in self._signatures if one.id not in self._removed_ids]
        own, others = regroup(snapshot, new, changed)
        # What moves from an index of an embargo is put again already.
        moved = {release_id: label for release_id, label in others.items() if release_id in self._labels}
        self._labels |= own | moved
        self._put_again(snapshot, {one: label for one, label in others.items() if one not in moved})

    # Both.

    def _put_digests(self, source_digests: Mapping[str, str]) -> tuple[str, ...]:
        pieces: list[dict[str, str]] = [{} for _ in range(_DIGEST_RECORDS)]
        for path, digest in source_digests.items():
            pieces[zlib.crc32(path.encode("utf-8", "surrogatepass")) % _DIGEST_RECORDS][path] = digest
        known = set(self._state.digests) if self._state else set()
        return tuple(
            self._store.put_record(self._index, "digests", piece, known) for piece in pieces if piece
        )

    def _clean_up(self) -> None:
        """Remove what former writers left unfinished, and old indexes but the last few."""
        live = self._state.index if self._state else self._store.live_index()
        generations, finished = self._store.indexes(), self._store.finished()
        others = [name for name in sorted(generations) if name not in (live, self._index)]
        kept = [name for name in others if name in finished][-self._layout.keep or len(others) :]
        for name in others:
            if name not in kept:
                self._store.delete(generations[name])
        if self._state is not None:
            used = {*self._state.indexes, f"{self._state.index}-state", *self._state.obsolete}
            self._store.delete(name for name in generations.get(self._state.index, ()) if name not in used)


def _now() -> str:
    return datetime.now(SEOUL).isoformat()
