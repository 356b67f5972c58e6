"""A JSON endpoint over HTTP: bounded in time and size, kept to its own site, with errors in Korean.

Certificates are those of the system, or of SSL_CERT_FILE, as OpenSSL reads it.
A proxy is taken from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
import urllib3
from urllib3 import exceptions

from indexer import __version__
from indexer.errors import BodoError

# Choices. A server of bodo answers within two seconds, and an answer with 100 hits has half a megabyte.
TIMEOUT_S: Final = 30.0
_CONNECT_TIMEOUT_S: Final = 10.0
MAX_ANSWER_BYTES: Final = 16 * 1024**2
_MAX_REDIRECTS: Final = 5
_CHUNK_BYTES: Final = 64 * 1024
_MAX_SHOWN_CHARS: Final = 500
_REDIRECTS = (301, 302, 303, 307, 308)
_CHECK_ADDRESS = "아카이브의 첫 화면이 열리는 주소를 --url에 적었는지 확인하세요."
_TRY_LATER = "잠시 뒤 다시 해 보세요. 되풀이되면 그 아카이브의 운영자에게 알려 주세요."

Parameters = Mapping[str, str | Sequence[str]]


class Refused(BodoError):
    """The server answered with a problem. `status` is that of HTTP."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.status = status


class _Problem(msgspec.Struct):
    """An error as RFC 9457 writes it, as far as it is shown."""

    detail: str
    hint: str = ""


def site_address(given: str) -> str:
    """The address of a site in ASCII, without a slash at its end. Raises BodoError where it is none."""
    try:
        parts = urlsplit(given.strip())
        # Port 0 is none to connect to.
        host, is_usable = parts.hostname or "", parts.port != 0
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except ValueError:
        host, is_usable = "", False
    if not (host and is_usable) or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise BodoError(
            f"아카이브의 주소가 아닙니다: {given[:80]}",
            "https://archive.example처럼 적으세요. 물음표와 #은 쓰지 않습니다.",
        )
    if parts.username is not None:
        raise BodoError(
            "아카이브의 주소에 이름과 비밀번호를 적을 수 없습니다.", "https://archive.example처럼 적으세요."
        )
    shown_host = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{shown_host}{port}{quote(parts.path, safe='/%').rstrip('/')}"


class Connection:
    """A site that answers in JSON. Threads may share it."""

    def __init__(self, address: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """`address` is one of `site_address`; nothing is asked yet. An answer takes `timeout_s` at most."""
        self.address = address
        self._timeout_s = timeout_s
        self._pool = _make_pool(address)

    def get(self, path: str, parameters: Parameters) -> bytes:
        """The JSON that answers a path of the site.

        Raises BodoError where the site cannot be reached, refuses, or answers with something else.
        """
        end = time.monotonic() + self._timeout_s
        query = urlencode(parameters, doseq=True)
        url = f"{self.address}{path}" + (f"?{query}" if query else "")
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                response = self._ask(url, end)
                try:
                    if response.status not in _REDIRECTS:
                        return self._read(response, end)
                    url = self._next_address(url, response.headers.get("Location", ""))
                finally:
                    response.close()
        except exceptions.HTTPError as error:
            raise self._describe(error) from error
        raise BodoError(f"{self.address}: 다른 주소로 옮기라는 답만 되풀이합니다.", _CHECK_ADDRESS)

    def _ask(self, url: str, end: float) -> urllib3.BaseHTTPResponse:
        left_s = max(end - time.monotonic(), 0.001)
        return self._pool.request(
            "GET",
            url,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": f"bodo/{__version__}",
            },
            timeout=urllib3.Timeout(connect=min(_CONNECT_TIMEOUT_S, left_s), read=left_s),
            retries=False,
            redirect=False,
            preload_content=False,
        )

    def _read(self, response: urllib3.BaseHTTPResponse, end: float) -> bytes:
        body = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise BodoError(
                    f"{self.address}: 답이 너무 큽니다({MAX_ANSWER_BYTES // 1024**2}MiB를 넘음).",
                    "--limit을 줄여 보세요. " + _CHECK_ADDRESS,
                )
            if time.monotonic() > end:
                raise self._too_slow()
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if response.status == 200 and media_type == "application/json":
            return bytes(body)
        raise self._refusal(response, media_type, bytes(body))

    def _next_address(self, url: str, location: str) -> str:
        """Where a redirect leads. Raises BodoError for another site: what was typed is for this one only."""
        target = location
        try:
            target = urljoin(url, location)
            here, there = urlsplit(url), urlsplit(target)
            same_site = location and _origin(here) == _origin(there)
            upgraded = (here.scheme, there.scheme) == ("http", "https") and here.hostname == there.hostname
        except ValueError:
            same_site = upgraded = False
        if same_site or upgraded:
            return target
        raise BodoError(
            f"{self.address}: 다른 곳으로 옮기라고 답해 따르지 않았습니다: {target[:_MAX_SHOWN_CHARS]}",
            "그곳이 맞으면 그 주소를 --url에 적으세요.",
        )

    def _refusal(self, response: urllib3.BaseHTTPResponse, media_type: str, body: bytes) -> BodoError:
        if media_type == "application/problem+json":
            try:
                problem = msgspec.json.decode(body, type=_Problem)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                problem = _Problem("읽을 수 없는 오류")
            wait = response.headers.get("Retry-After", "")
            later = _TRY_LATER if response.status >= 500 else ""
            if wait.isascii() and wait.isdigit():
                later = f"{wait}초 뒤에 다시 해 보세요."
            return Refused(
                response.status,
                f"{self.address}의 답({response.status}): {problem.detail[:_MAX_SHOWN_CHARS]}",
                problem.hint[:_MAX_SHOWN_CHARS] or later,
            )
        shown_type = media_type[:80] or "형식 모름"
        return BodoError(
            f"{self.address}: bodo의 답이 아닙니다(HTTP {response.status}, {shown_type}).",
            _TRY_LATER if response.status >= 500 else _CHECK_ADDRESS,
        )

    def _describe(self, error: exceptions.HTTPError) -> BodoError:
        if isinstance(error, exceptions.ProxyError):
            return BodoError(
                f"{self.address}: 프록시를 거쳐 닿을 수 없습니다.",
                "HTTPS_PROXY, HTTP_PROXY, NO_PROXY를 확인하세요.",
            )
        if isinstance(error, exceptions.NameResolutionError):
            return BodoError(f"{self.address}: 그런 이름의 서버가 없습니다.", "주소의 철자를 확인하세요.")
        if isinstance(error, exceptions.NewConnectionError):
            return BodoError(
                f"{self.address}: 서버에 닿을 수 없습니다.",
                "주소와 포트, 서버가 켜져 있는지(`bodo serve`), 네트워크를 확인하세요.",
            )
        if isinstance(error, exceptions.TimeoutError):
            return self._too_slow()
        if isinstance(error, exceptions.SSLError):
            return BodoError(
                f"{self.address}: 안전한 연결(TLS)을 맺을 수 없습니다: {str(error)[:200]}",
                "주소가 맞으면 인증서를 확인하세요. 기관의 인증서는 SSL_CERT_FILE로 줍니다.",
            )
        return BodoError(f"{self.address}: 답을 읽을 수 없습니다({type(error).__name__}).", _CHECK_ADDRESS)

    def _too_slow(self) -> BodoError:
        return BodoError(f"{self.address}: {self._timeout_s:g}초 안에 답이 오지 않았습니다.", _TRY_LATER)


def _make_pool(address: str) -> urllib3.PoolManager:
    parts = urlsplit(address)
    proxy = "" if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme, "")
    try:
        return urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
    except (exceptions.HTTPError, ValueError) as error:
        raise BodoError(
            f"프록시의 주소를 읽을 수 없습니다: {proxy[:80]}", "HTTPS_PROXY, HTTP_PROXY를 확인하세요."
        ) from error


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
