"""What goes wrong, told in Korean: RFC 9457 problems for programs, pages for people."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, current_app, json, make_response, render_template, request
from werkzeug.exceptions import BadHost, HTTPException, MethodNotAllowed

from indexer.errors import Busy, CursorExpired, IndexUnavailable, RequestError
from web.navigation import path_of
from web.observation import note_refusal
from web.parameters import read_parameters
from web.request_id import request_id

# By then those that waited have their answers, and a cluster that was away for a moment is back.
RETRY_AFTER_S = 5
_TITLES = {
    400: "잘못된 요청",
    404: "찾을 수 없음",
    405: "쓸 수 없는 메서드",
    410: "만료된 쪽",
    413: "너무 큰 요청",
    414: "너무 긴 주소",
    429: "너무 잦은 요청",
    500: "서버 오류",
    503: "지금은 검색할 수 없음",
}
_DETAILS = {
    404: ("이 주소에는 아무것도 없습니다.", "주소를 확인하거나 첫 화면에서 다시 찾아보세요."),
    405: ("이 주소에는 그 메서드를 쓸 수 없습니다.", "GET으로 요청하세요."),
    413: ("요청에 붙은 것이 너무 큽니다.", "본문 없이 GET으로 요청하세요."),
    414: ("주소가 너무 깁니다.", "검색어나 조건을 줄이세요."),
    429: ("짧은 동안 너무 많이 찾았습니다.", "잠시 뒤 다시 해 보세요. 얼마 뒤인지는 Retry-After에 있습니다."),
    503: ("지금은 색인을 열 수 없습니다.", "잠시 뒤 다시 해 보세요. 되풀이되면 운영자에게 알려 주세요."),
    500: ("답을 만들다가 오류가 났습니다.", "잠시 뒤 다시 해 보세요. 되풀이되면 서버 기록을 확인하세요."),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request has no answer. `parameter` names the parameter at fault, where there is one. `request_id`
    finds in the log what is wrong with the server.
    """

    status: int
    detail: str
    hint: str = ""
    parameter: str = ""
    request_id: str = ""

    @property
    def title(self) -> str:
        """The kind of failure, the same for every failure of one status."""
        return _TITLES.get(self.status, "처리할 수 없는 요청")


def register_error_answers(app: Flask) -> None:
    """Answer every error in Korean: problem+json for programs, a page elsewhere."""
    for kind in (RequestError, Busy, IndexUnavailable, HTTPException):
        app.register_error_handler(kind, _answer)


def _answer(error: Exception) -> Response:
    failure = _describe(error)
    program = request.path in ("/healthz", "/readyz", "/suggest.json") or request.path.startswith("/api/")
    # Without a host that can be one, no page can link to another.
    response = problem(failure) if program or isinstance(error, BadHost) else _page(failure)
    response.status_code = failure.status
    if isinstance(error, Busy | IndexUnavailable):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _describe(error: Exception) -> Failure:
    if isinstance(error, RequestError):
        status = 410 if isinstance(error, CursorExpired) else 400
        return Failure(status, error.message, error.hint, error.parameter)
    if isinstance(error, IndexUnavailable):
        # It names files and commands of the server, and what damage led to: for whoever looks after it.
        current_app.logger.error("%s (요청 %s)", error, request_id(), exc_info=error.__cause__)
        return Failure(503, *_DETAILS[503], request_id=request_id())
    if isinstance(error, Busy):
        note_refusal()
        return Failure(503, error.message, error.hint, request_id=request_id())
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    detail, hint = _DETAILS.get(status, ("이 요청은 처리할 수 없습니다.", ""))
    return Failure(status, detail, hint, request_id=request_id() if status >= 500 else "")


def problem(failure: Failure) -> Response:
    """The body of a failure for programs (RFC 9457)."""
    # about:blank: the status says all there is to say about the type (RFC 9457, section 4.2.1).
    body = {"type": "about:blank", "title": failure.title, "status": failure.status, "detail": failure.detail}
    if failure.parameter:
        body["parameter"] = failure.parameter
    if failure.hint:
        body["hint"] = failure.hint
    if failure.request_id:
        body["request_id"] = failure.request_id
    return Response(json.dumps(body) + "\n", mimetype="application/problem+json")


def _page(failure: Failure) -> Response:
    return make_response(
        render_template("failure.html", failure=failure, q=_typed_query(), again=_find_way_on(failure))
    )


def _find_way_on(failure: Failure) -> str:
    """The address of the same search without what is wrong with it; of the same page where it was busy. ''
    if there is none.
    """
    try:
        parameters = read_parameters(request.query_string)
    except RequestError:
        return ""
    # Under a prefix the path may hold any character.
    path = quote(request.path)
    if failure.status == 503:
        return path_of(path, parameters)
    wrong = {410: "cursor", 400: failure.parameter}.get(failure.status, "")
    if wrong in ("", "q") or wrong not in parameters or not parameters.get("q"):
        return ""
    # Whatever else is wrong is told then. A cursor belongs to the search as it was.
    return path_of(
        path, {name: values for name, values in parameters.items() if name not in (wrong, "cursor")}
    )


def _typed_query() -> str:
    # werkzeug's lenient reading: what was typed goes back into the box even where it was refused.
    return request.args.get("q", "").replace("\0", "")
