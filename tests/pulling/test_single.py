"""One page of the net, as files for `bodo add`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.pulling.fetcher import Fetcher
from indexer.pulling.single import fetch_single
from indexer.sources.corpus.sidecar import read_sidecar
from tests.support.pulls import portal
from tests.support.site_pages import PortalFile, publish
from tests.support.sites import Site
from tests.support.times import FakeTime


@pytest.mark.parametrize("stem", ["가" * 60, "a" * 195, "가나 " * 20], ids=["wide", "narrow", "spaced"])
def test_long_names_of_attachments_are_shortened(
    stem: str, site: Site, fetcher: Fetcher, clock: FakeTime, tmp_path: Path
) -> None:
    (one,) = portal(1)
    document = one.files[0].body
    files = tuple(PortalFile(f"{stem}{number}.hwpx", document) for number in range(3))
    one = replace(one, title=("긴 제목의 보도자료 " * 9).strip(), files=files)
    publish(site, [one])
    folder = tmp_path / "new"
    folder.mkdir()
    paths = fetch_single(site.url + one.path, folder, fetcher, clock.now(), allow_private=True)
    names = [path.name for path in paths if path.suffix == ".hwpx"]
    assert len(set(names)) == 3
    assert all(path.is_file() and len(path.name.encode()) <= 255 for path in paths)
    (sidecar,) = (path for path in paths if path.suffix == ".toml")
    assert read_sidecar(sidecar)["attachments"] == names
