"""Errors a person can act on: what is wrong, with what, and the way out, in Korean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class BodoError(Exception):
    """A failure to be shown to a person as it stands.

    `message` says what is wrong and names the file, line or parameter; `hint` says what to do,
    usually a command. `str(error)` is both, on separate lines.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message if not hint else f"{message}\n{hint}")
        self.message = message
        self.hint = hint


class SourceError(BodoError):
    """A file, or one record of it, cannot be read as a press release."""


class AnalysisError(BodoError):
    """A text cannot be analysed (it is not valid Unicode text)."""


class IndexUnavailable(BodoError):
    """The index cannot be opened or written: missing, foreign, damaged, or of another version."""


class Busy(BodoError):
    """Too many searches wait for an answer already; a little later there will be room."""


class RequestError(BodoError):
    """A search request is not answerable; `parameter` names the offending parameter."""

    def __init__(self, parameter: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.parameter = parameter


class CursorExpired(RequestError):
    """A cursor belongs to a generation of the index that is gone."""


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Around what reads an index: damaged bytes may lead to any exception, each of which becomes
    IndexUnavailable, with itself as the cause. Opening looks at names, sizes and the manifest only.
    """
    try:
        yield
    except BodoError:
        raise
    except Exception as error:
        raise IndexUnavailable(
            f"색인을 읽다가 오류가 났습니다({type(error).__name__}). 손상되었을 수 있습니다.",
            "`bodo verify`로 확인하고, 손상되었으면 `bodo reindex --full`로 다시 만드세요.",
        ) from error
