"""Errors that a person can act on. Their messages are Korean and say what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class BodoError(Exception):
    """An error whose text is shown to a person unchanged.

    `message` says what is wrong and names the file, line or parameter. `hint` says what to do, often a
    command; '' if there is nothing to say. `str(error)` is both, on separate lines.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message if not hint else f"{message}\n{hint}")
        self.message = message
        self.hint = hint


class SourceError(BodoError):
    """A file or a record of it cannot be read, or cannot be used as it is."""


class AnalysisError(BodoError):
    """A text cannot be analysed, since it is not valid Unicode."""


class IndexUnavailable(BodoError):
    """The index cannot be opened or written: it is missing, damaged, of another version or analyzer, not an
    index, or another process writes to it.
    """


class AnalyzerMismatch(IndexUnavailable):
    """The index was made with another analyzer, version or dictionary than the one in use."""


class StateGone(IndexUnavailable):
    """The state of the index that a snapshot answers from is gone. Another one is live."""


class Busy(BodoError):
    """Too many searches wait for their turn already. A little later there will be room."""


class RequestError(BodoError):
    """A search request cannot be answered. `parameter` is the name of the wrong parameter."""

    def __init__(self, parameter: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.parameter = parameter


class CursorExpired(RequestError):
    """A cursor belongs to a state of the index that is gone."""


@contextmanager
def refusing_damage() -> Iterator[None]:
    """A context for reading an index. Damaged bytes may lead to any exception, since opening an index checks
    only names, sizes and the manifest. Every exception that is not a BodoError becomes IndexUnavailable, with
    the original as its cause.
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
