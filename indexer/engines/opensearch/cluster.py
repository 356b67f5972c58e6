"""Requests to a cluster: one place that connects, retries where that is safe, and says in Korean what went
wrong and what to do.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from opensearchpy import OpenSearch, exceptions

from indexer.errors import BodoError, IndexUnavailable

# Point in time, and the settings of the mapping that this engine needs. Tested with 3.x.
MIN_VERSION = (2, 12)
# Between two attempts, at first; each time twice as long, up to the most, less a random part so that many
# clients do not come back at once.
_FIRST_PAUSE_S, _MAX_PAUSE_S = 0.1, 10.0
# What a server answers that will have room or be there again soon.
_PASSING_STATUSES = (429, 502, 503, 504)
# What OpenSearch calls it when a node or a shard is gone; another will take its place.
_PASSING_KINDS = {
    "connect_transport_exception",
    "no_shard_available_action_exception",
    "node_closed_exception",
    "node_disconnected_exception",
    "node_not_connected_exception",
    "search_phase_execution_exception",
}
_MAX_SHOWN_CHARS = 300

# It would write each answer that is no success into the log, with what was asked. Errors are raised.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)

# To each node: more threads than this seldom ask at once.
_CONNECTIONS = 8
_ABOUT = "/"
_JSON, _LINES = "application/json", "application/x-ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where a cluster is and how to enter it. `urls` are of its nodes. Without `ca_file` the certificates of
    the system count. `timeout_s` is how long an answer may take.
    """

    urls: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout_s: float = 10.0


class ClusterError(IndexUnavailable):
    """What a cluster answered in place of what was asked. `status` is that of HTTP, 0 where no answer came;
    `kind` is OpenSearch's name of the error. `passing`: later it may be otherwise.
    """

    def __init__(
        self, message: str, hint: str, *, status: int = 0, kind: str = "", passing: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.status, self.kind, self.passing = status, kind, passing


class Cluster:
    """Asks a cluster. Threads may share it. Connects with the first question."""

    def __init__(self, connection: Connection) -> None:
        """Raises BodoError for a wrong address or a certificate file that cannot be read."""
        self._connection = connection
        self.shown_urls = ", ".join(connection.urls)
        for url in connection.urls or ("",):
            _check_url(url)
        if connection.ca_file and not connection.ca_file.is_file():
            raise BodoError(
                f"인증서 파일 {connection.ca_file}이(가) 없습니다.",
                "BODO_OPENSEARCH_CA_FILE의 경로를 확인하세요.",
            )
        self._client = self._connect()
        self._is_checked = False

    def _connect(self) -> OpenSearch:
        connection = self._connection
        login = (_as_utf8(connection.user), _as_utf8(connection.password))
        return OpenSearch(
            list(connection.urls),
            http_auth=login if connection.user else None,
            ca_certs=str(connection.ca_file) if connection.ca_file else None,
            verify_certs=True,
            ssl_show_warn=False,
            timeout=connection.timeout_s,
            max_retries=0,
            http_compress=False,
            pool_maxsize=_CONNECTIONS,
            # A node that did not answer is left out for a second; twice as long each time, up to 32.
            retry_on_timeout=True,
            dead_timeout=1,
            timeout_cutoff=5,
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        attempts: int = 1,
        timeout_s: float | None = None,
        whole: bool = False,
    ) -> dict[str, Any]:
        """What the cluster answers. `body` is a JSON object, or lines of JSON. With more `attempts` than one,
        which only a request may have that can be repeated, it is asked again where no answer came or the
        server had no room. If `whole`, so it is where the answer says that a part is missing: a shard, a
        record, or the word of a node that it has the change.

        Raises ClusterError.
        """
        if not self._is_checked and path != _ABOUT:
            self._check_version(attempts)
        headers = {"content-type": _LINES if isinstance(body, bytes) else _JSON}
        timeout = timeout_s or self._connection.timeout_s
        end = time.monotonic() + timeout
        for attempt in range(attempts):
            try:
                answer = self._client.transport.perform_request(
                    method, path, params=dict(params or {}), body=body, timeout=timeout, headers=headers
                )
            except exceptions.OpenSearchException as error:
                failure = self._failure(error)
                # All attempts together take about as long as one may.
                if not failure.passing or attempt == attempts - 1 or time.monotonic() > end:
                    raise failure from error
            else:
                if isinstance(answer, dict) and not (whole and _is_partial(answer)):
                    return answer
                if isinstance(answer, dict):
                    failure = failure_of_shards(answer.get("_shards", {}), self.shown_urls)
                else:
                    failure = self.garbled()
                if attempt == attempts - 1:
                    raise failure
            time.sleep(pause_s(attempt))
        raise AssertionError

    def _check_version(self, attempts: int) -> None:
        about = self.ask("GET", _ABOUT, attempts=attempts)
        version = about.get("version")
        version = version if isinstance(version, dict) else {}
        number = str(version.get("number", ""))
        if version.get("distribution") != "opensearch":
            raise ClusterError(
                f"{self.shown_urls}은(는) OpenSearch가 아닙니다.", "BODO_OPENSEARCH_URL의 주소를 확인하세요."
            )
        parts = tuple(int(part) for part in number.split(".")[:2] if part.isdigit())
        if parts < MIN_VERSION:
            wanted = ".".join(map(str, MIN_VERSION))
            raise ClusterError(
                f"{self.shown_urls}의 OpenSearch {number}은(는) 너무 오래되었습니다.",
                f"{wanted} 이상이 필요합니다. 3.x를 권합니다.",
            )
        self._is_checked = True

    def garbled(self) -> ClusterError:
        """The error for an answer that OpenSearch does not give."""
        return ClusterError(
            f"{self.shown_urls}이(가) 알아볼 수 없는 답을 했습니다.",
            "앞에 있는 프록시와 주소를 확인하세요.",
            passing=True,
        )

    def _failure(self, error: Exception) -> ClusterError:
        urls = self.shown_urls
        # Bytes that are no text: opensearch-py takes them for a broken connection.
        is_no_text = isinstance(error, exceptions.ConnectionError) and isinstance(error.info, UnicodeError)
        if isinstance(error, exceptions.SerializationError) or is_no_text:
            return self.garbled()
        if isinstance(error, exceptions.SSLError) and "WRONG_VERSION_NUMBER" in str(error.info):
            return ClusterError(
                f"{urls}은(는) https로 답하지 않습니다.",
                "BODO_OPENSEARCH_URL을 http://로 시작하게 적으세요.",
            )
        if isinstance(error, exceptions.SSLError):
            return ClusterError(
                f"{urls}의 인증서를 믿을 수 없습니다: {_short(error)}",
                "서버의 인증 기관 파일을 BODO_OPENSEARCH_CA_FILE로 알려 주세요.",
            )
        if isinstance(error, exceptions.ConnectionTimeout):
            return ClusterError(
                f"{urls}이(가) {self._connection.timeout_s:g}초 안에 답하지 않았습니다.",
                "클러스터의 상태를 보고, 느린 것이면 BODO_OPENSEARCH_TIMEOUT_S를 늘리세요.",
                passing=True,
            )
        if isinstance(error, exceptions.ConnectionError):
            return ClusterError(
                f"{urls}에 연결할 수 없습니다.",
                "OpenSearch가 떠 있는지, BODO_OPENSEARCH_URL이 맞는지 확인하세요.",
                passing=True,
            )
        if isinstance(error, exceptions.TransportError) and isinstance(error.status_code, int):
            return failure_of(error.status_code, error.info, urls)
        return ClusterError(f"{urls}에 물을 수 없습니다: {_short(error)}", "설정을 확인하세요.")


def pause_s(attempt: int) -> float:
    """How long to wait behind attempt number `attempt`, counted from 0."""
    pause: float = min(_FIRST_PAUSE_S * 2.0**attempt, _MAX_PAUSE_S)
    return pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def failure_of(status: int, info: object, where: str) -> ClusterError:
    """An error that a cluster answered, in words. `info` is its JSON, `where` its address."""
    error = info.get("error") if isinstance(info, dict) else None
    causes = _causes(error)
    kind, reason = causes[0] if causes else ("", "")
    kinds = {one for one, _ in causes}
    passing = status in _PASSING_STATUSES or (status >= 500 and bool(kinds & _PASSING_KINDS))
    told = f"(상태 {status}{', ' + kind if kind else ''})"
    if status == 401:
        message, hint = (
            "사용자나 비밀번호가 맞지 않습니다",
            "BODO_OPENSEARCH_USER와 BODO_OPENSEARCH_PASSWORD를 확인하세요.",
        )
    elif "cluster_block_exception" in kinds and status < 500:
        # Repeating does not help, although the status says so.
        return ClusterError(*_block(where, told, causes), status=status, kind=kind)
    elif status == 403:
        message, hint = "이 사용자에게 권한이 없습니다", "docs/scale.md에 필요한 권한이 있습니다."
    elif "too_many_nested_clauses" in kinds or any("maxClauseCount" in cause for _, cause in causes):
        message = "질의가 클러스터의 한도보다 깁니다"
        hint = "낱말을 줄이거나, 클러스터의 indices.query.bool.max_clause_count를 16384로 늘리세요."
    elif status == 404:
        message, hint = "찾는 색인이 없습니다", "`bodo reindex`로 만드세요."
    elif status == 429:
        message, hint = "클러스터가 바빠 받지 못했습니다", "잠시 뒤에 다시 하세요. 잦으면 노드를 늘리세요."
    elif "no_shard_available_action_exception" in kinds or (
        "search_phase_execution_exception" in kinds and status >= 500
    ):
        message = "색인의 일부를 읽을 수 없습니다(클러스터가 red일 수 있습니다)"
        hint = "GET _cluster/health로 상태를 보고 죽은 노드를 살리세요."
    elif status == 413:
        message = "요청이 너무 크다고 합니다"
        hint = "앞에 있는 프록시가 요청을 100MB까지 받게 하세요(nginx: client_max_body_size 100m)."
    elif status >= 500:
        message, hint = "클러스터가 답하지 못했습니다", "클러스터의 상태와 기록을 보세요."
    else:
        message = f"클러스터가 거절했습니다: {reason[:_MAX_SHOWN_CHARS]}"
        hint = "클러스터와 앞에 있는 프록시의 기록을 보세요."
    return ClusterError(f"{where}: {message} {told}.", hint, status=status, kind=kind, passing=passing)


def _is_partial(answer: Mapping[str, Any]) -> bool:
    """Whether an answer says that a part of it, or of what was asked for, is missing."""
    return bool(
        answer.get("_shards", {}).get("failed")
        or answer.get("timed_out")
        or answer.get("acknowledged") is False
        or any("error" in document for document in answer.get("docs", ()))
    )


def failure_of_shards(shards: Mapping[str, Any], where: str) -> ClusterError:
    """An error for an answer in which some shards have no part; `shards` is what it says of them."""
    kind = "search_phase_execution_exception"
    error = {"type": kind, "reason": "", "failed_shards": shards.get("failures", [])}
    return failure_of(503, {"error": error}, where)


def overtaken() -> IndexUnavailable:
    """The error of a writer that stood still for so long that another one writes now."""
    return IndexUnavailable(
        "쓰는 동안 다른 프로세스가 쓰기 시작했습니다(이 프로세스가 오래 멈춰 있었습니다). "
        "반영하지 않았습니다.",
        "다시 실행하세요.",
    )


def _block(where: str, told: str, causes: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Message and hint where a cluster refuses all writing."""
    if any("read-only-allow-delete" in cause for _, cause in causes):
        return (
            f"{where}: 클러스터가 쓰기를 막았습니다: 디스크가 거의 찼습니다(flood stage) {told}.",
            "디스크를 비우거나 늘리세요. 비면 막힘은 저절로 풀립니다. 찾기는 계속됩니다.",
        )
    return (
        f"{where}: 클러스터가 쓰기를 막았습니다 {told}.",
        "운영자가 막은 것이면 푸세요(index.blocks, cluster.blocks). 찾기는 계속됩니다.",
    )


def _causes(error: object) -> list[tuple[str, str]]:
    """Kind and reason of an error and of what it came from."""
    if not isinstance(error, dict):
        return [("", str(error))] if error else []
    own = [(str(error.get("type", "")), str(error.get("reason", "")))]
    inner = [error.get("caused_by"), *(error.get("root_cause") or [])]
    inner += [failed.get("reason") for failed in error.get("failed_shards") or [] if isinstance(failed, dict)]
    return own + [cause for one in inner if isinstance(one, dict) for cause in _causes(one)]


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a wrong port, half of an IPv6 address
        is_address = False
    if not is_address:
        raise BodoError(
            "BODO_OPENSEARCH_URL이 주소가 아닙니다.",
            "예: BODO_OPENSEARCH_URL=https://search.example.org:9200",
        )
    if parts.username or parts.password:
        # The address is in messages and logs.
        raise BodoError(
            "BODO_OPENSEARCH_URL에 사용자나 비밀번호를 적지 마세요.",
            "BODO_OPENSEARCH_USER와 BODO_OPENSEARCH_PASSWORD에 따로 적으세요.",
        )


def _as_utf8(text: str) -> str:
    """A user or a password for opensearch-py, which would refuse what is not Latin, and repeat it."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _short(error: Exception) -> str:
    info = getattr(error, "info", "") or error
    return str(info)[:_MAX_SHOWN_CHARS]
