"""A line of JSON for each request, and one for each slow search. docs/operations.md has the keys.

What was searched for is about the person who searched: it stands in no line unless `log_queries` is on.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import unquote_to_bytes

from indexer.errors import BodoError

if TYPE_CHECKING:
    from indexer.settings import Settings
    from web.observation import Observation

_NONE, _STANDARD_ERROR, _STANDARD_ERROR_FD = "none", "-", 2
# Choices: enough to tell apart what people and programs send. A query has 2,000 characters at most, and its
# bytes in percent nine for each.
_MAX_METHOD_CHARS, _MAX_TEXT_CHARS, _MAX_QUERY_CHARS, _MAX_NAMES = 16, 200, 20_000, 20
# The name of a parameter looks like this. What does not was typed by a person, as in `/search?hannover`.
_NAME = re.compile(rb"([a-z_]{1,20})=")


class AccessLog:
    """Writes lines where `settings` say. A line that cannot be written is lost, and nothing else is."""

    def __init__(self, settings: Settings) -> None:
        self._requests = _logger(settings.access_log)
        self._slow = self._requests or _logger(_STANDARD_ERROR)
        self._log_queries = settings.log_queries
        self._slow_ms = settings.slow_search_s * 1000

    def __call__(self, observation: Observation) -> None:
        """Write down what became of a request."""
        if self._requests:
            self._requests.info("request", extra={"fields": self._request_fields(observation)})
        answer = observation.answer
        if answer and self._slow and 0 < self._slow_ms <= answer.took_ms:
            self._slow.warning("slow_search", extra={"fields": self._slow_fields(observation)})

    def close(self) -> None:
        """Close the file."""
        for logger in (self._requests, self._slow):
            for handler in logger.handlers if logger else ():
                handler.close()

    def _request_fields(self, observation: Observation) -> dict[str, object]:
        request, answer = observation.request, observation.answer
        fields = self._common_fields(observation)
        fields |= {
            "method": request.method[:_MAX_METHOD_CHARS],
            "path": request.path[:_MAX_TEXT_CHARS],
            "parameters": _parameter_names(request.query_string),
            "status": observation.status,
            "bytes": observation.sent,
            "ms": round(observation.seconds * 1000, 1),
            "client": request.remote_addr,
            "agent": request.user_agent.string[:_MAX_TEXT_CHARS],
        }
        if answer:
            fields |= {"generation": answer.index.generation, "total": answer.total}
        return fields

    def _slow_fields(self, observation: Observation) -> dict[str, object]:
        answer = observation.answer
        assert answer
        timings = answer.timings
        return self._common_fields(observation) | {
            "took_ms": round(answer.took_ms, 1),
            "wait_ms": round(timings.wait, 1),
            "find_ms": round(timings.find, 1),
            "show_ms": round(timings.show, 1),
            "words": len(answer.query.words),
            "total": answer.total,
            "timed_out": answer.timed_out,
            "generation": answer.index.generation,
        }

    def _common_fields(self, observation: Observation) -> dict[str, object]:
        fields: dict[str, object] = {"request_id": observation.headers.get("X-Request-ID")}
        if self._log_queries:
            query = unquote_to_bytes(observation.request.query_string).decode("utf-8", "replace")
            fields["query"] = query[:_MAX_QUERY_CHARS]
        return fields


def _parameter_names(query_string: bytes) -> list[str]:
    """The names of the parameters, each once; '?' for what may be no name."""
    parts = query_string.split(b"&", _MAX_NAMES)[:_MAX_NAMES] if query_string else []
    names = (_NAME.match(part) for part in parts)
    return list(dict.fromkeys(name[1].decode() if name else "?" for name in names))


def check_access_log(settings: Settings) -> None:
    """Make sure of the file that `settings` name before a server starts. Raises BodoError if nothing can be
    added to it.
    """
    if settings.access_log not in (_NONE, _STANDARD_ERROR):
        try:
            with Path(settings.access_log).open("ab"):
                pass
        except OSError as error:
            raise BodoError(
                f"access_log(BODO_ACCESS_LOG)에 쓸 수 없습니다: {settings.access_log}({error.strerror})",
                "쓸 수 있는 파일의 경로를 적으세요. 표준 오류면 -, 적지 않으려면 none입니다.",
            ) from error


def _logger(destination: str) -> logging.Logger | None:
    if destination == _NONE:
        return None
    handler = _Lines() if destination == _STANDARD_ERROR else _FileLines(destination, delay=True)
    handler.setFormatter(_JsonFormatter())
    # Not one of those that `getLogger` shares: each application has its own.
    logger = logging.Logger("web.access_log", logging.INFO)
    logger.addHandler(handler)
    return logger


class _JsonFormatter(logging.Formatter):
    """One line of ASCII: no character of a request can end it, or mean something to a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        fields: Mapping[str, object] = record.__dict__["fields"]
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"time": at, "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps(head | dict(fields))


class _StandardError:
    """Each text in one write, so that the lines of several workers stay whole."""

    def write(self, text: str) -> None:
        os.write(_STANDARD_ERROR_FD, text.encode())

    def flush(self) -> None:
        """Nothing is kept back."""


class _Lines(logging.StreamHandler[_StandardError]):
    def __init__(self) -> None:
        super().__init__(_StandardError())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """Nothing: a closed pipe or a full disk must not fail an answer."""


class _FileLines(WatchedFileHandler):
    """Lines at the end of a file, which may be moved away meanwhile (logrotate)."""

    def _open(self) -> TextIO:  # type: ignore[override]  # not for reading
        # What could not be written is not tried again later: it would stand in the middle of a line.
        raw = io.FileIO(self.baseFilename, "ab")
        return io.TextIOWrapper(raw, "ascii", write_through=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, if the file can be opened."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """Nothing: a closed pipe or a full disk must not fail an answer."""
