"""A part of the corpus: some files and folders of it, with what belongs to them."""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.related_files import ATTACHMENT_FOLDERS, SIDECAR_SUFFIX, names_near
from indexer.sources.corpus.walk import Walk, put_together, require_corpus, source_name
from indexer.sources.problems import ReadProblem


def is_at(source_path: str, paths: Container[str]) -> bool:
    """Whether a path is one of `paths` or below one, all as `CorpusFile.source_path`; '' is the corpus."""
    return source_path in paths or any(folder in paths for folder in _folders_above(source_path))


def _folders_above(source_path: str) -> Iterator[str]:
    while source_path:
        source_path = source_path.rpartition("/")[0]
        yield source_path


@dataclass(frozen=True, slots=True)
class CorpusPart:
    """What is at or below `wanted`: the `files` to look at, sorted, and a problem for each that no parser
    reads. `present` are the paths of all files of the corpus, `looked_at` those of the files that may belong
    together with a wanted one, `listed` those of them that hold releases, `read` those of `files`.
    """

    files: list[CorpusFile]
    problems: list[ReadProblem]
    wanted: Set[str]
    present: Set[str]
    listed: Set[str]
    looked_at: Set[str]
    read: Set[str]

    def compares(self, source_path: str) -> bool:
        """Whether the releases of the file are of this part: it is looked at, is gone, or belongs to another
        release now.
        """
        if source_path in self.listed:
            return source_path in self.read
        if source_path in self.present:
            return source_path in self.looked_at
        return is_at(source_path, self.wanted)

    def has_lost(self, source_path: str) -> bool:
        """Whether there is no such file in the corpus."""
        return source_path not in self.present


def find_files(
    corpus: Path, source_paths: Collection[str], *, follow_links: bool = False
) -> dict[str, CorpusFile]:
    """The files of a corpus folder at these paths (`CorpusFile.source_path`), without those that are gone.

    Raises SourceError as `list_part` does.
    """
    part = list_part(corpus, source_paths, (), everywhere=False, follow_links=follow_links)
    return {file.source_path: file for file in part.files if file.source_path in source_paths}


def list_part(
    corpus: Path,
    paths: Collection[str],
    known: Container[str],
    *,
    skipped: Container[str] = frozenset(),
    everywhere: bool = True,
    follow_links: bool = False,
) -> CorpusPart:
    """The part of a corpus folder that is at or below `paths`, each as `CorpusFile.source_path` ('' is all).

    A sidecar or an attachment stands for its release, also one that is gone. Files that are not `known`, and
    not to be `skipped`, are of the part too: those in the folders of `paths`, or `everywhere`. Raises
    SourceError where the corpus does not exist or cannot be looked at.
    """
    require_corpus(corpus)
    walk = Walk(corpus, follow_links=follow_links)
    folders: dict[str, tuple[str, list[str]]] = {}
    for folder, names in walk.folders():
        relative = os.path.relpath(folder, corpus)
        folders[source_name("" if relative == "." else relative)] = (folder, names)
    by_folder = {
        folder: {source_name(name): name for name in names} for folder, (_, names) in folders.items()
    }
    present = {_join(folder, name) for folder, names in by_folder.items() for name in names}
    wanted = {_as_walked(path, corpus, folders) for path in paths}
    unread = {path for path in present if path not in known and path not in skipped} if everywhere else set()
    source_paths = {
        path: _join(folder, name)
        for folder, names in _names_to_look_at(by_folder, wanted | unread).items()
        for name in names
        if walk.admits(path := Path(folders[folder][0], by_folder[folder][name]))
    }
    files, problems, bereaved = put_together(source_paths, _gone(wanted, present, folders))
    read = [
        file
        for file in files
        if file.source_path in bereaved
        or any(is_at(source_paths[path], wanted) for path in file.paths)
        or (file.source_path not in known and file.source_path not in skipped)
    ]
    return CorpusPart(
        read,
        [
            problem
            for problem in (*walk.problems, *problems)
            if is_at(problem.source_path, wanted)
            or any(is_at(path, {problem.source_path}) for path in wanted)
        ],
        wanted,
        present,
        {file.source_path for file in files},
        set(source_paths.values()),
        {file.source_path for file in read},
    )


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _owner(path: str) -> str:
    """The folder that a file or folder is in."""
    return path.rpartition("/")[0]


def _as_walked(path: str, corpus: Path, folders: dict[str, tuple[str, list[str]]]) -> str:
    """A path by the folder that the walk came to: a link may lead to it besides."""
    folder, _, name = path.rpartition("/")
    if path in folders or folder in folders or not (corpus / folder).is_dir():
        return path
    real_path = os.path.realpath(corpus / folder)
    walked = (known for known, (found, _) in folders.items() if os.path.realpath(found) == real_path)
    return _join(next(walked, folder), name)


def _names_to_look_at(by_folder: dict[str, dict[str, str]], wanted: Set[str]) -> dict[str, Collection[str]]:
    """The names in each folder that has to be looked at: in one that is wanted, or has sidecars, which may
    list any file, all; in others those that may belong to a wanted file.
    """
    wanted_in: dict[str, set[str]] = {}
    for path in wanted:
        folder, _, name = path.rpartition("/")
        wanted_in.setdefault(folder, set()).add(name)
        if folder.endswith(ATTACHMENT_FOLDERS):
            above, _, name = folder.rpartition("/")
            wanted_in.setdefault(above, set()).add(name)
    chosen: dict[str, Collection[str]] = {
        folder: names for folder, names in by_folder.items() if is_at(folder, wanted)
    }
    attached = [folder for folder in by_folder if folder.endswith(ATTACHMENT_FOLDERS)]
    for folder, wanted_names in wanted_in.items():
        names = by_folder.get(folder, {})
        owned = {path.rpartition("/")[2]: path for path in attached if _owner(path) == folder}
        near = names.keys() | owned.keys()
        if not any(name.lower().endswith(SIDECAR_SUFFIX) for name in near | wanted_names):
            near = names_near(near, wanted_names)
        chosen.setdefault(folder, [name for name in near if name in names])
        for name in owned.keys() & near:
            chosen[owned[name]] = by_folder[owned[name]]
    return {folder: names for folder, names in chosen.items() if folder in by_folder}


def _gone(wanted: Set[str], present: Set[str], folders: dict[str, tuple[str, list[str]]]) -> set[Path]:
    """Where the wanted files that are not there would be; of a folder of attachments, one file of it."""
    gone = set()
    for path in wanted - present - folders.keys():
        folder, _, name = path.rpartition("/")
        while folder not in folders and folder:
            folder, _, name = folder.rpartition("/")
        found = Path(folders[folder][0], name) if folder in folders else None
        if found is not None and folder == _owner(path):
            gone.add(found / name if name.endswith(ATTACHMENT_FOLDERS) else found)
        elif found is not None and name.endswith(ATTACHMENT_FOLDERS):
            gone.add(found / path.rpartition("/")[2])
    return gone
