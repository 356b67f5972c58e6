"""Which addresses may be asked: http and https on hosts whose every address is public (SSRF).

The connection is made to an address that was checked here, so that a name cannot mean another one a moment
later (DNS rebinding).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from indexer.pulling.fetch_error import CHECK_ADDRESS, FetchError, shown_url

# What RFC 9110 (4.1) asks servers to take at least.
_MAX_URL_CHARS: Final = 8_000
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Below are mail, files, and what else an answer of HTTP would be a strange word to.
_LEAST_FREE_PORT: Final = 1_024
_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
# What the URL standard of WHATWG reads as a number: 127.1, 0x7f000001, 017700000001.
_NUMBER_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f]")
_SAFE_IN_PATH: Final = "/%:@!$&'()*+,;=~"

# IPv6 that is given out (RFC 4291, 2.4), and what carries IPv4 inside: NAT64 (RFC 6052). Mapped ones and
# 6to4 are known to `ipaddress`.
_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked: `url` in ASCII; `host` in ASCII without a dot at its end; `addresses`,
    one at least, to connect to.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]
    is_private: bool

    @property
    def authority(self) -> str:
        """Host and port as in a URL, without the port of the scheme."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"


def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises OSError or UnicodeError where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_target(url: str, private_hosts: Collection[str], resolve: Resolve) -> Target:
    """`url`, with its name looked up. `private_hosts` ('host' or 'host:port') may be where nobody else sees.
    Raises FetchError where it is no address of http or https, or must not be asked.
    """
    scheme, host, port, path = _split(url)
    shown_host = f"[{host}]" if ":" in host else host
    is_allowed = bool({host, shown_host, f"{shown_host}:{port}"} & set(private_hosts))
    if not is_allowed and port not in _DEFAULT_PORTS.values() and port < _LEAST_FREE_PORT:
        raise _refusal(url, f"{port} 포트는 쓰지 않습니다.")
    addresses = _look_up(url, host, port, resolve)
    is_private = not all(map(is_public, addresses))
    if is_private and not is_allowed:
        raise FetchError(
            f"{shown_url(url)}: 공개되지 않은 주소(내부망)를 가리켜 가져오지 않았습니다.",
            "내부망의 사이트를 일부러 가져오려면 그 출처에 allow_private = true를 적으세요.",
        )
    bare = Target("", scheme, host, port, path, tuple(addresses), is_private)
    return Target(bare.origin + path, scheme, host, port, path, bare.addresses, is_private)


def host_and_port(url: str) -> str:
    """'host:port' of an address as `check_target` compares it, with the port of the scheme filled in; ''
    where it is no address that may be asked.
    """
    try:
        _, host, port, _ = _split(url)
    except FetchError:
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def next_target_url(here: Target, location: str) -> str:
    """Where a redirect of `here` leads. Raises FetchError where it leads nowhere, or out of TLS."""
    if not location:
        raise FetchError(f"{shown_url(here.url)}: 옮길 곳이 없는 이동 응답입니다.", CHECK_ADDRESS)
    # Headers are read as Latin-1; addresses in them are often raw UTF-8.
    text = location.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        url = urljoin(here.url, text)
        scheme = urlsplit(url).scheme
    except ValueError as error:
        raise _refusal(here.url, "읽을 수 없는 주소로 옮기라고 답했습니다.") from error
    if here.scheme == "https" and scheme == "http":
        raise _refusal(here.url, "https에서 암호화하지 않는 http로 옮기라고 답했습니다.")
    return url


def is_public(address: str) -> bool:
    """Whether anybody on the net may reach `address` (IANA's special-purpose registries)."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved
    inner = _carried(ip)
    if inner is not None:
        return is_public(str(inner))
    return ip in _UNICAST and ip.is_global and ip.scope_id is None


def _carried(ip: IPv6Address) -> IPv4Address | None:
    if ip in _NAT64:
        return IPv4Address(ip.packed[-4:])
    return ip.ipv4_mapped or ip.sixtofour


def _split(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port, and path with query, all in ASCII."""
    if len(url) > _MAX_URL_CHARS:
        raise FetchError(f"{shown_url(url)}: 주소가 너무 깁니다({_MAX_URL_CHARS:,}자를 넘음).", CHECK_ADDRESS)
    url = url.strip(" ")
    if _FORBIDDEN.search(url):
        raise _refusal(url, "주소에 빈칸이나 제어 문자가 있습니다.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refusal(url, "읽을 수 없는 주소입니다.") from error
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise _refusal(url, "http나 https로 시작하는 주소가 아닙니다.")
    if "@" in parts.netloc or port == 0:
        raise _refusal(url, "주소에 이름·비밀번호나 이상한 포트가 있습니다.")
    path = quote(parts.path or "/", safe=_SAFE_IN_PATH)
    query = f"?{quote(parts.query, safe=_SAFE_IN_PATH + '?')}" if parts.query else ""
    return parts.scheme, _ascii_host(url, host), port or _DEFAULT_PORTS[parts.scheme], path + query


def _ascii_host(url: str, host: str) -> str:
    try:
        if ":" in host:
            return str(ip_address(host))
        name = host if host.isascii() else host.encode("idna").decode("ascii")
        name = name.lower().removesuffix(".")
        if _NUMBER_LABEL.fullmatch(name.rpartition(".")[2]):
            return str(IPv4Address(name))
    except ValueError as error:
        raise _refusal(url, "호스트를 읽을 수 없습니다.") from error
    if not _HOST.fullmatch(name):
        raise _refusal(url, "호스트의 이름에 쓸 수 없는 글자가 있습니다.")
    return name


def _look_up(url: str, host: str, port: int, resolve: Resolve) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise FetchError(
            f"{shown_url(url)}: 그런 이름의 서버를 찾지 못했습니다.",
            "주소의 철자와 네트워크를 확인하세요.",
            is_passing=isinstance(error, OSError) and error.errno == socket.EAI_AGAIN,
        ) from error
    if not addresses:
        raise FetchError(f"{shown_url(url)}: 그런 이름의 서버가 없습니다.", "주소의 철자를 확인하세요.")
    return addresses


def _refusal(url: str, reason: str) -> FetchError:
    return FetchError(f"{shown_url(url)}: {reason}", CHECK_ADDRESS)
