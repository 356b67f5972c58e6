"""Names from outside, and what is put where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pulling.attachments import choose, fetch_files
from indexer.pulling.fetcher import Downloaded, Fetcher
from indexer.pulling.readers.item import Item
from indexer.pulling.sidecar_text import sidecar_text
from indexer.pulling.source import parse_sources
from indexer.pulling.store import Store, StoredRelease
from indexer.release import PressRelease
from indexer.sources.corpus.sidecar import read_sidecar

((SOURCE,), _) = parse_sources('[[source]]\nname = "시험시"\nkind = "rss"\nurl = "https://a.example/rss"\n')
HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["../../etc/passwd", "..", ".", "/etc/passwd", "a\0b.hwp", "con.hwp", ".bashrc", "removed.txt", "a\u202egpj.hwp",
         "보도.첨부", "x/../../y.pdf", "C:\\windows\\a.pdf", "a" * 400 + ".hwp", "가" * 200 + ".hwpx", "a\n.toml"]
    ),
)  # fmt: skip


@given(title=HOSTILE, identity=HOSTILE)
def test_a_name_never_leaves_the_folder_of_its_year(title: str, identity: str) -> None:
    item = Item(id=identity)
    place = Store(Path("/corpus/시험시")).place_of(item.key, PressRelease(id=identity, title=title))
    assert place.folder == Path("/corpus/시험시/0000")
    assert os.path.normpath(place.sidecar) == str(place.sidecar)
    assert place.sidecar.parent == place.folder
    assert not place.stem.startswith(".")
    assert len(f"{place.stem}.attachments".encode()) < 255
    assert place.stem.endswith(item.key)


class _Files(Fetcher):
    """Gives each address a file whose name is the one that the server would give."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def download(self, url: str, path: Path, **_: object) -> Downloaded:
        path.write_bytes(b"%PDF-1.7 text")
        return Downloaded(url=url, size=13, file_name=self.names[url])


@given(labels=st.lists(HOSTILE, min_size=1, max_size=6), names=st.lists(HOSTILE, min_size=6, max_size=6))
def test_attachments_never_leave_their_folder(
    labels: list[str], names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("stage") / "x.첨부"
    links = [(label, f"https://a.example/{number}.pdf") for number, label in enumerate(labels)]
    given_names = {url: name for (_, url), name in zip(links, names, strict=False)}
    fetched = fetch_files(
        _Files(given_names), SOURCE, choose(SOURCE, links), folder, before={}, stored={}, tries=0
    )  # fmt: skip
    assert len(fetched.known) == len(links)
    there = {path.name for path in folder.iterdir()}
    assert there == {name for name, _, _ in fetched.known.values()}
    assert len({name.casefold() for name in there}) == len(links)
    assert all(not name.startswith(".") and len(name.encode()) <= 255 for name in there)
    assert {path.name for path in folder.parent.iterdir()} == {"x.첨부"}


@given(st.dictionaries(st.sampled_from(["title", "outlet", "url", "id", "charset"]), st.text(max_size=200)))
def test_a_sidecar_says_what_was_put_in(values: dict[str, str]) -> None:
    text = sidecar_text(values)
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"bodo-sidecar-{os.getpid()}.toml"  # noqa: S108
    path.write_text(text, "utf-8", newline="")
    try:
        read = read_sidecar(path)
    finally:
        path.unlink()
    assert read == {name: value for name, value in values.items() if value}


def stage(folder: Path, text: str, *names: str) -> StoredRelease:
    folder.mkdir(parents=True)
    (folder / "release.html").write_text(text, "utf-8")
    (folder / "release.toml").write_text('id = "1"\n', "utf-8")
    for name in names:
        (folder / "release.첨부").mkdir(exist_ok=True)
        (folder / "release.첨부" / name).write_text(name, "utf-8")
    return StoredRelease(folder, "release")


def test_the_release_itself_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "시험시")
    moved: list[str] = []
    replace = Path.replace

    def note(path: Path, target: Path) -> Path:
        moved.append(Path(target).name)
        return replace(path, target)

    with store.locked():
        monkeypatch.setattr(Path, "replace", note)
        place = StoredRelease(tmp_path / "시험시" / "2026", "가-0123456789ab")
        assert store.put("0123456789ab", stage(tmp_path / "one", "하나", "a.pdf", "b.pdf"), place)
    own = [name for name in moved if not name.startswith(".")]
    assert own == ["가-0123456789ab.toml", "a.pdf", "b.pdf", "가-0123456789ab.html"]
    with store.locked():
        assert not store.put("0123456789ab", stage(tmp_path / "two", "하나", "a.pdf", "b.pdf"), place)
        assert store.put("0123456789ab", stage(tmp_path / "three", "둘"), place)
        assert not place.attachment_folder.exists()
        assert store.find("0123456789ab") == place
