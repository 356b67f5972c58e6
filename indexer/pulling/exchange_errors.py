"""What went wrong between bodo and a server, as a FetchError."""

from __future__ import annotations

import zlib
from typing import Final

from urllib3 import exceptions

from indexer.pulling.fetch_error import CHECK_ADDRESS, TRY_LATER, FetchError, TooSlow, shown_url

# RFC 9110: too many requests, and errors of the server that may pass.
PASSING_STATUSES: Final = (429, 500, 502, 503, 504)

_REASONS: Final = {
    400: "서버가 요청을 알아듣지 못했습니다",
    401: "로그인해야 볼 수 있습니다",
    403: "서버가 막았습니다",
    404: "그런 쪽이 없습니다",
    410: "지워진 쪽입니다",
    429: "요청이 너무 많다고 합니다",
    451: "법으로 막힌 쪽입니다",
}
_HINTS: Final = {
    401: "로그인하지 않고 볼 수 있는 주소나, 인증키가 맞는지 확인하세요.",
    403: "브라우저로 열리는지 보고, 그 사이트의 운영자에게 자동으로 받아도 되는지 물어보세요.",
}


def refuse_status(url: str, status: int) -> FetchError:
    """An answer that is not what was asked for."""
    is_passing = status in PASSING_STATUSES
    reason = _REASONS.get(status, "서버에 오류가 났습니다" if status >= 500 else "뜻밖의 답입니다")
    hint = _HINTS.get(status, TRY_LATER if is_passing or status >= 500 else CHECK_ADDRESS)
    return FetchError(
        f"{shown_url(url)}: {reason}(HTTP {status}).", hint, status=status, is_passing=is_passing
    )


def refuse_size(url: str, max_bytes: int) -> FetchError:
    """A body that is too large, as it came or once unpacked."""
    size = f"{max_bytes / 1024**2:,.4g}MiB"
    return FetchError(
        f"{shown_url(url)}: 너무 큽니다({size}를 넘음).", "주소가 파일 하나의 주소인지 확인하세요."
    )


def refuse_encoding(url: str) -> FetchError:
    """A body that is packed in a way that nothing here unpacks."""
    return FetchError(f"{shown_url(url)}: 풀 수 없는 방식으로 압축해 보냈습니다.", CHECK_ADDRESS)


def refuse_headers(url: str) -> FetchError:
    """Headers that are too large or no headers of HTTP."""
    return FetchError(f"{shown_url(url)}: 답의 머리글이 너무 크거나 HTTP가 아닙니다.", CHECK_ADDRESS)


def too_slow(url: str, seconds: float) -> FetchError:
    """An answer that has taken all the time there is."""
    return TooSlow(f"{shown_url(url)}: {seconds:,.4g}초 안에 다 받지 못했습니다.", TRY_LATER, is_passing=True)


def cut_short(url: str) -> FetchError:
    """A body that ended before its end."""
    return FetchError(f"{shown_url(url)}: 받다가 끊겼습니다.", TRY_LATER, is_passing=True)


def describe(url: str, error: Exception) -> FetchError:
    """What an error of urllib3 is to a person. Its own text is not shown: it may have the address in full."""
    shown = shown_url(url)
    if isinstance(error, exceptions.ProxyError):
        hint = "HTTPS_PROXY, HTTP_PROXY, NO_PROXY를 확인하세요."
        return FetchError(f"{shown}: 프록시를 거쳐 닿을 수 없습니다.", hint, is_passing=True)
    if isinstance(error, exceptions.ConnectTimeoutError | exceptions.NewConnectionError):
        hint = "주소와 포트, 네트워크를 확인하세요. 그 사이트가 잠시 멈췄을 수도 있습니다."
        return FetchError(f"{shown}: 서버에 닿을 수 없습니다.", hint, is_passing=True)
    if isinstance(error, exceptions.TimeoutError):
        return FetchError(f"{shown}: 답이 오다가 멈췄습니다.", TRY_LATER, is_passing=True)
    if isinstance(error, exceptions.SSLError):
        hint = "주소가 맞으면 인증서를 확인하세요. 기관의 인증서는 SSL_CERT_FILE로 줍니다."
        return FetchError(f"{shown}: 안전한 연결(TLS)을 맺을 수 없습니다.", hint)
    if isinstance(error, EOFError | OSError | zlib.error):
        return FetchError(f"{shown}: 압축이 깨져 있습니다.", TRY_LATER, is_passing=True)
    if (
        isinstance(error, exceptions.InvalidHeader | ValueError)
        or "LineTooLong" in str(error)
        or ("got more than" in str(error))
    ):
        return refuse_headers(url)
    return cut_short(url)
