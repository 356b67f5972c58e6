"""What became of each request: gathered in one place for whoever counts it or writes it down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from indexer.search.response import Answer

_KEY = "bodo.observation"


@dataclass(slots=True)
class Observation:
    """A request and its answer. Once told to an observer it is complete.

    - `route`: the rule that it fell under (`/releases/<any_text:release_id>`); '' if none.
    - `seconds`: until the answer was handed over in full. `sent`: the bytes of its body.
    - `answer`: what a search found; None if the request was no search, or it failed.
    - `refused`: too many searches waited already.
    """

    request: Request
    started: float = field(default_factory=time.perf_counter)
    route: str = ""
    answer: Answer | None = None
    refused: bool = False
    status: int = 500
    headers: Headers = field(default_factory=Headers)
    sent: int = 0
    seconds: float = 0.0


Observer = Callable[[Observation], None]


def noted(answer: Answer) -> Answer:
    """The answer, which is from now on part of the observation of the request."""
    if observation := request.environ.get(_KEY):
        observation.answer = answer
    return answer


def note_refusal() -> None:
    """That too many searches wait becomes part of the observation of the request."""
    if observation := request.environ.get(_KEY):
        observation.refused = True


def observe_requests(app: Flask, observers: Sequence[Observer]) -> None:
    """Tell `observers` of each request to `app`, once its answer has been handed over or broken off. To be
    called last, so that what wraps the application has told who the client is.
    """
    app.before_request_funcs.setdefault(None, []).insert(0, _note_route)
    app.wsgi_app = _ObservedApp(app.wsgi_app, observers)  # type: ignore[method-assign]  # Flask's own way


def _note_route() -> None:
    if request.url_rule and (observation := request.environ.get(_KEY)):
        observation.route = request.url_rule.rule


class _ObservedApp:
    def __init__(self, app: WSGIApplication, observers: Sequence[Observer]) -> None:
        self._app, self._observers = app, observers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        observation = environ[_KEY] = Observation(Request(environ, populate_request=False))

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> Callable[[bytes], object]:
            observation.status, observation.headers = int(status[:3]), Headers(headers)
            return start_response(status, headers, *error)  # type: ignore[arg-type]

        try:
            return _Counted(self._app(environ, start), observation, self._observers)
        except BaseException:
            _tell(observation, self._observers)
            raise


class _Counted:
    """The body of an answer. The server closes it at its end, or when the client has left."""

    def __init__(
        self, chunks: Iterable[bytes], observation: Observation, observers: Sequence[Observer]
    ) -> None:
        self._chunks, self._observation, self._observers = chunks, observation, observers

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._observation.sent += len(chunk)
            yield chunk

    def close(self) -> None:
        try:
            if close := getattr(self._chunks, "close", None):
                close()
        finally:
            _tell(self._observation, self._observers)


def _tell(observation: Observation, observers: Sequence[Observer]) -> None:
    observation.seconds = time.perf_counter() - observation.started
    for observer in observers:
        observer(observation)
