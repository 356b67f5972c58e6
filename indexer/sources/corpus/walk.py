"""Walks the corpus folder: its files, each with what belongs to it, and a problem for each unreadable one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from indexer.curation.files import CURATED_FILES, SOURCES
from indexer.errors import SourceError
from indexer.settings import SETTINGS_FILE
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.related_files import ATTACHMENT_FOLDERS, SIDECAR_SUFFIX, find_related_files
from indexer.sources.formats.detection import TEXT_SUFFIXES, detect_export, detect_format, has_signature
from indexer.sources.formats.unpacking import EXPORT_SUFFIXES, RECORD_SUFFIXES
from indexer.sources.problems import ContentError, ReadProblem, unreadable_problem
from indexer.text.unicode import nfc

# Files that configure or describe the corpus.
_NOT_RELEASES = frozenset(
    {"FORMAT.md", "README.md", SETTINGS_FILE, SOURCES, *(file.name for file in CURATED_FILES)}
)
_DOCUMENT_SUFFIXES = (".hwp", ".hwpx", ".pdf", ".docx")
_SUPPORTED_SUFFIXES = (*_DOCUMENT_SUFFIXES, *TEXT_SUFFIXES, *RECORD_SUFFIXES, *EXPORT_SUFFIXES)
# What editors, office programs, browsers and downloaders call a file that is not finished, or a copy that
# they keep of it. It has another name when it is: until then it is neither read nor refused.
_TEMPORARY_PREFIX = "~$"
_TEMPORARY_SUFFIXES = ("~", ".swp", ".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download")


def require_corpus(corpus: Path) -> int:
    """The `st_mode` of the corpus. Raises SourceError where it does not exist or cannot be looked at."""
    try:
        return corpus.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = "폴더를 만들거나 --corpus로 알려 주세요."
        raise SourceError(f"보도자료 폴더가 없습니다: {corpus}", hint) from error
    except OSError as error:
        message = f"보도자료 폴더를 읽을 수 없습니다: {corpus} ({error.strerror or error})"
        raise SourceError(message, "읽기 권한을 확인하세요.") from error


def list_files(corpus: Path, *, follow_links: bool = False) -> tuple[list[CorpusFile], list[ReadProblem]]:
    """The files of a corpus and a problem for each file that no parser reads, both sorted by `source_path`.

    `corpus` is a folder, walked to any depth, or a single file, which has a sidecar only if it is an export.
    Hidden files and files that configure the corpus are left out. A folder that several links lead to is
    walked once. A link out of the corpus is a problem unless `follow_links`. Sidecars and attachments come
    with the release that they belong to.
    Raises SourceError where the corpus does not exist or cannot be looked at.
    """
    mode = require_corpus(corpus)
    problems: list[ReadProblem] = []
    if stat.S_ISREG(mode):
        source_paths = {corpus: source_name(corpus.name)}
        sidecar = corpus.with_suffix(SIDECAR_SUFFIX)
        # What the columns of an export are may stand there only.
        if is_export(corpus) and _may_be_file(sidecar):
            source_paths[sidecar] = source_name(sidecar.name)
    else:
        walk = Walk(corpus, follow_links=follow_links)
        source_paths = {path: walk.source_path(path) for path in walk.files()}
        problems += walk.problems
    files, refusals, _ = put_together(source_paths)
    problems += refusals
    problems.sort(key=lambda problem: problem.source_path)
    return files, problems


def put_together(
    source_paths: Mapping[Path, str], gone: Set[Path] = frozenset()
) -> tuple[list[CorpusFile], list[ReadProblem], set[str]]:
    """Files with what belongs to them, sorted; a problem for each that no parser reads; and which of the
    files had one of the `gone` ones as their sidecar or attachment, by `source_path`.
    """
    problems: list[ReadProblem] = []
    readable: set[Path] = set()
    unsupported: set[Path] = set()
    for path, source_path in source_paths.items():
        if not _may_be_file(path):
            reason = "파일이 아니거나 끊어진 링크입니다."
            problems.append(ReadProblem(source_path, reason, "지우거나 옮기세요."))
        elif is_supported(path):
            readable.add(path)
        else:
            unsupported.add(path)
    exports = {path for path in readable if is_export(path)}
    documents = {path for path in readable - exports if not holds_records(path)}
    related = find_related_files(readable | unsupported | gone, documents, exports)
    bereaved = {source_paths[release] for release in related.drop(gone)}
    attached = {path for paths in related.attachments.values() for path in paths}
    # Their release may be on its way, and may be under embargo: they are none of their own.
    orphans = {path for path in readable | unsupported if nfc(path.parent.name).endswith(ATTACHMENT_FOLDERS)}
    orphans -= attached
    for path in orphans:
        hint = "보도자료를 같은 이름으로 옆에 두거나 폴더의 이름을 바꾸세요."
        problems.append(ReadProblem(source_paths[path], "첨부 폴더의 보도자료가 없습니다.", hint))
    for path in unsupported - attached - orphans - set(related.sidecars.values()):
        problems.append(_unsupported_problem(path, source_paths[path]))
    files = [
        CorpusFile(
            path, source_paths[path], related.sidecars.get(path), tuple(related.attachments.get(path, ()))
        )
        for path in readable - attached - orphans
    ]
    return sorted(files, key=lambda file: (file.source_path, os.fspath(file.path))), problems, bereaved


def may_be_release(name: str) -> bool:
    """Whether a file of that name may be one of the corpus: it is neither hidden, nor temporary, nor one of
    the files that configure the corpus.
    """
    return (
        not name.startswith((".", _TEMPORARY_PREFIX))
        and name not in _NOT_RELEASES
        and not name.lower().endswith(_TEMPORARY_SUFFIXES)
    )


def holds_records(path: Path) -> bool:
    """Whether a file holds one release a line (JSON Lines), by its name."""
    return path.name.lower().endswith(RECORD_SUFFIXES)


def is_export(path: Path) -> bool:
    """Whether a file is what a portal exported (JSON, CSV, XLSX), by its name and first bytes.

    True for an XLSX, and for any other ZIP under its name: which it is, only its parser tells.
    """
    if not path.name.lower().endswith(EXPORT_SUFFIXES):
        return False
    try:
        return detect_export(path) is not None
    except OSError:
        return True


def has_supported_suffix(path: Path) -> bool:
    """Whether the name of a file ends as those do that a parser reads."""
    return path.name.lower().endswith(_SUPPORTED_SUFFIXES)


def is_supported(path: Path) -> bool:
    """Whether a parser reads the file, by its name or its first bytes."""
    return has_supported_suffix(path) or is_document(path)


def is_document(path: Path) -> bool:
    """Whether the first bytes are those of a document; False where they cannot be read."""
    try:
        return has_signature(path)
    except OSError:
        return False


def source_name(name: str) -> str:
    r"""A name of the file system as text in NFC, with bytes that are not UTF-8 written out (\xff)."""
    return nfc(name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


@dataclass(slots=True)
class Walk:
    """One walk over a corpus folder. It adds to `problems`."""

    corpus: Path
    follow_links: bool
    problems: list[ReadProblem] = field(default_factory=list)
    _root: str = field(init=False)

    def __post_init__(self) -> None:
        self._root = os.path.realpath(self.corpus)

    def source_path(self, path: Path) -> str:
        """The path of a file relative to the corpus, as `CorpusFile.source_path`."""
        return source_name(path.relative_to(self.corpus).as_posix())

    def files(self) -> Iterator[Path]:
        """The files that are not hidden, of every folder once."""
        for folder, names in self.folders():
            for name in names:
                path = Path(folder, name)
                if self.admits(path):
                    yield path

    def folders(self) -> Iterator[tuple[str, list[str]]]:
        """Every folder once, and the names of the files in it that may be releases or belong to some. Whether
        they are links out of the corpus `admits` says.
        """
        seen = {self._root}
        for folder, folders, names in os.walk(self.corpus, onerror=self._add_unreadable, followlinks=True):
            entered = []
            for name in sorted(folders):
                path = Path(folder, name)
                if name.startswith("."):
                    continue
                if self.admits(path) and (real_path := os.path.realpath(path)) not in seen:
                    seen.add(real_path)
                    entered.append(name)
            # `os.walk` enters the folders that are left in its list.
            folders[:] = entered
            yield folder, [name for name in names if may_be_release(name)]

    def admits(self, path: Path) -> bool:
        """Whether a path is no link that leads out of the corpus; such a one is a problem."""
        if self._leads_out(path):
            self._add_outside_link(path)
            return False
        return True

    def _leads_out(self, path: Path) -> bool:
        """Whether a link leads out of the corpus and is not to be followed.

        A path that cannot be looked at counts as no link; `list_files` reports it.
        """
        if self.follow_links or not os.path.islink(path):  # noqa: PTH114 - Path.is_symlink raises
            return False
        return os.path.commonpath([self._root, os.path.realpath(path)]) != self._root

    def _add_outside_link(self, path: Path) -> None:
        hint = "파일을 corpus에 넣거나, 그대로 읽으려면 --follow-links를 붙이세요."
        self.problems.append(ReadProblem(self.source_path(path), "corpus 밖을 가리키는 링크입니다.", hint))

    def _add_unreadable(self, error: OSError) -> None:
        path = Path(error.filename) if error.filename else self.corpus
        inside = path.is_relative_to(self.corpus)
        name = self.source_path(path) if inside else source_name(path.name)
        self.problems.append(unreadable_problem(name, error))


def _may_be_file(path: Path) -> bool:
    """Whether there is a file at `path`.

    True where the system does not tell (a folder that may be listed but not entered, a network that fails):
    reading the file then reports why.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def _unsupported_problem(path: Path, source_path: str) -> ReadProblem:
    """Why no parser reads the file at `path`: what its first bytes say that it is, where they do."""
    if path.suffix.lower() == SIDECAR_SUFFIX:
        reason = "곁 파일의 보도자료가 없습니다."
        return ReadProblem(source_path, reason, "보도자료와 같은 이름으로 두세요.")
    try:
        detect_format(path)
    except ContentError as error:
        return error.problem(source_path)
    except OSError as error:
        return unreadable_problem(source_path, error)
    hint = f"쓸 수 있는 형식: {', '.join(_SUPPORTED_SUFFIXES)}"
    return ReadProblem(source_path, "읽을 수 없는 형식입니다.", hint)
