"""One page or document of the net, with its attachments, as files for `bodo add`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from indexer.errors import SourceError
from indexer.pulling.collect import collect
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.file_names import shorten
from indexer.pulling.readers.item import Item, id_of_address, web_address
from indexer.pulling.source import Source
from indexer.pulling.staged import Refused
from indexer.pulling.state import ItemState
from indexer.pulling.store import Store


def fetch_single(
    url: str, folder: Path, fetcher: Fetcher, now: datetime, *, allow_private: bool
) -> list[Path]:
    """Fetch what is at `url` into `folder`, which is new: the release, its sidecar, and each attachment under
    a name that makes it one. `allow_private`: the host may have an address that is not public.

    Raises SourceError where it is no release, FetchError where it cannot be fetched, OSError where the disk
    refuses.
    """
    address = web_address(url)
    if not address:
        raise SourceError("주소가 아닙니다.", "http://나 https://로 시작하는 주소를 쓰세요.")
    source = Source(name="added", kind="list", url=address, allow_private=allow_private)
    item = Item(id=id_of_address(address), url=address)
    store = Store(folder)
    try:
        done = collect(item, source, store, ItemState(), fetcher, now)
    except Refused as refusal:
        raise SourceError(f"{url}: {refusal.problem.reason}", refusal.problem.hint) from refusal
    place = done.place
    assert place is not None
    # The number comes before what may be cut: names stay different.
    names = [
        shorten(f"{place.stem}_첨부{number}_{path.name}") for number, path in enumerate(place.attachments, 1)
    ]
    paths = [path.rename(folder / name) for path, name in zip(place.attachments, names, strict=True)]
    if names:
        # The page names them otherwise: only those that are here count.
        with place.sidecar.open("a", encoding="utf-8") as sidecar:
            sidecar.write(f"attachments = {json.dumps(names, ensure_ascii=False)}\n")
    return [*place.files, place.sidecar, *paths]
