"""The sidecar of a fetched release: what its source knew and the release itself does not say."""

from __future__ import annotations

import json

from indexer.sources.corpus.sidecar import CHARSET

_HEAD = "# bodo pull이 적었습니다. 자료가 바뀌면 여기 적은 이름은 다시 적습니다.\n"
_NAMES = ("title", "outlet", "department", "published", "url", "id", CHARSET)


def sidecar_text(values: dict[str, str]) -> str:
    """TOML of the values that are not '', in a fixed order."""
    lines = (f"{name} = {quoted(values[name])}\n" for name in _NAMES if values.get(name))
    return _HEAD + "".join(lines)


def quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are TOML's, but TOML wants DEL escaped too."""
    clean = text.encode("utf-8", "replace").decode()
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
