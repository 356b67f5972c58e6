"""The texts beside the press releases that a person edits; each generation keeps those it was made with."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import SourceError

DICTIONARY = "dictionary.txt"
SYNONYMS = "synonyms.txt"
OUTLETS = "outlets.txt"
REMOVED = "removed.txt"


def read_resources(corpus: Path) -> dict[str, str]:
    """The texts in a corpus folder, by file name; those that are not there are left out.

    Raises SourceError where one of them cannot be read.
    """
    folder = corpus if corpus.is_dir() else corpus.parent
    resources = {}
    for name in (DICTIONARY, SYNONYMS, OUTLETS, REMOVED):
        try:
            resources[name] = (folder / name).read_text("utf-8-sig")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(
                f"{folder / name} 파일을 읽을 수 없습니다: {error}", "UTF-8로 저장하세요."
            ) from error
    return resources
