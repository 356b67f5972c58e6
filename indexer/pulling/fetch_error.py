"""What is wrong with an address, in Korean, without the secrets that it may hold."""

from __future__ import annotations

import logging
import re
from typing import Final
from urllib.parse import urlsplit

from indexer.errors import BodoError

_MAX_SHOWN_CHARS: Final = 200
# Numbers and dates name pages and releases; anything else in a query may be a key.
_HARMLESS_VALUE: Final = re.compile(r"[0-9.:\-]{1,14}")
_SECRET_NAME: Final = re.compile(r"key|token|secret|pass|pw|auth|sig|cred|session|code", re.I)
# Some interfaces take the key, long and of letters and digits, as a part of the path (openapi.seoul.go.kr).
_KEY_IN_PATH: Final = re.compile(r"(?=[^/]*[0-9])(?=[^/]*[A-Za-z])[A-Za-z0-9_=+]{20,}")
_QUERY_IN_LOG: Final = re.compile(r"\?[^\s'\"]+")
_LOGS_WITH_URLS: Final = ("urllib3.connection", "urllib3.connectionpool", "urllib3.poolmanager")

TRY_LATER: Final = "잠시 뒤 다시 해 보세요. 되풀이되면 그 사이트를 브라우저로 열어 보세요."
CHECK_ADDRESS: Final = "주소를 브라우저로 열어 맞는지 확인하세요."


class FetchError(BodoError):
    """An address cannot be fetched, or must not be. `status` is that of HTTP, 0 where there was no answer.
    `is_passing` is whether a later run may succeed (errors of the server or the line, not 404 or a refusal).
    Neither text has secrets of the address.
    """

    def __init__(self, message: str, hint: str, *, status: int = 0, is_passing: bool = False) -> None:
        super().__init__(message, hint)
        self.status = status
        self.is_passing = is_passing


class NotNow(FetchError):
    """The host is not to be asked now: to try again in a few seconds would be of no use."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint, is_passing=True)


class TooSlow(FetchError):
    """The answer has taken all the time that there is for one."""


class OutOfTime(NotNow):
    """The time of the source for this run is over."""


def shown_url(url: str) -> str:
    """`url` as it may be shown and logged: without name and password, and with `…` for each value of the
    query (and each part of the path) that may be a key.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "(읽을 수 없는 주소)"
    if not host:
        # What is not an address may still be a key that was put in its place.
        return f"{parts.scheme}:…" if parts.scheme else "(주소가 아닌 글)"
    shown_host = f"[{host}]" if ":" in host else host
    path = "/".join("…" if _KEY_IN_PATH.fullmatch(part) else part for part in parts.path.split("/"))
    query = "&".join(_shown_parameter(one) for one in parts.query.split("&")) if parts.query else ""
    shown = f"{parts.scheme}://{shown_host}{f':{port}' if port else ''}{path}" + (
        f"?{query}" if query else ""
    )
    printable = "".join(character if character.isprintable() else "�" for character in shown)
    return printable if len(printable) <= _MAX_SHOWN_CHARS else printable[:_MAX_SHOWN_CHARS] + "…"


def keep_secrets_from_logs() -> None:
    """Queries leave the lines that urllib3 logs: it writes addresses in full."""
    for name in _LOGS_WITH_URLS:
        logger = logging.getLogger(name)
        if _hide_queries not in logger.filters:
            logger.addFilter(_hide_queries)


def _shown_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if not equals:
        return "…"
    is_harmless = _HARMLESS_VALUE.fullmatch(value) and not _SECRET_NAME.search(name)
    return f"{name}={value if is_harmless or not value else '…'}"


def _hide_queries(record: logging.LogRecord) -> bool:
    record.msg, record.args = _QUERY_IN_LOG.sub("?…", record.getMessage()), ()
    return True
