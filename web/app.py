"""The Flask application: pages, JSON endpoint, error answers and security headers put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask, Response, request
from flask.json.provider import JSONProvider
from flask_openapi3.openapi import OpenAPI
from werkzeug.routing import BaseConverter

from indexer.bootstrap import open_service
from indexer.search.response import date_text
from web.access_log import AccessLog
from web.api import api_blueprint
from web.api_models import Problem
from web.compression import compress_answers
from web.cors import Origins
from web.crawlers import crawlers_blueprint
from web.description import INFO
from web.discovery import discovery_blueprint
from web.embed import embed_blueprint
from web.errors import register_error_answers
from web.feeds import feeds_blueprint
from web.formats import (
    byte_size,
    field_label,
    iso_day,
    korean_date,
    korean_month,
    particle,
    safe_url,
    subtitles_below,
)
from web.garbage import put_aside_soon
from web.health import health_blueprint
from web.http_caching import EntityTags, keep_nothing
from web.navigation import feed_url, outlet_url, release_url
from web.observation import Observer, observe_requests
from web.pages import pages_blueprint
from web.parameters import StrictRequest
from web.proxies import trust_proxies
from web.rate_limit import check_rate_limit, limit_rate
from web.release_page import release_blueprint
from web.request_id import add_request_id, request_id
from web.request_size import refuse_large_requests
from web.server_timing import tell_durations
from web.site import Site
from web.static_files import keep_static_files, static_url
from web.trends_page import trends_blueprint

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from indexer.settings import Settings

# So many searches of a worker run or wait: at the 12 ms that one takes, the last waits three seconds. None
# waits longer than half of what proxies wait for an answer (nginx: `proxy_read_timeout` 60 s).
MAX_SEARCHES_OF_WORKER = 250
PATIENCE_S = 30.0
_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # What a visitor searched for stands in the URL; the site of an original article must not learn it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # The index may change with any second, and a release may be taken down: whoever stores an answer asks
    # before each use, and has 304 where nothing changed. `public` would add only that answers may be stored
    # which a proxy gives to those with a password; `private`, that no proxy stores what is the same for all.
    "Cache-Control": "no-cache",
}


class _Application(OpenAPI):
    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401  # Flask's signature
        """Log what nobody expected, with the id that the answer has."""
        self.logger.error(
            "요청 %s(%s %r)에 답하다가 오류가 났습니다.",
            request_id(), request.method, request.path, exc_info=exc_info,
        )  # fmt: skip


class _AnyText(BaseConverter):
    """The rest of a path: any characters, slashes and line breaks among them."""

    regex = "(?s:.+)"
    part_isolating = False


def open_app(settings: Settings) -> Flask:
    """Make the WSGI application over the index that `settings` name."""
    site = Site.of(settings)
    origins = Origins.of(settings)
    rate = check_rate_limit(settings)
    service = open_service(
        settings,
        deadline_s=settings.deadline_s,
        opened=put_aside_soon,
        max_searches=MAX_SEARCHES_OF_WORKER,
        patience_s=PATIENCE_S,
    )
    app = create_app(service, site, origins)
    trust_proxies(app, settings.trusted_proxies)
    limit_rate(app, rate)
    observers: list[Observer] = [AccessLog(settings)]
    if settings.metrics:
        # Not above: it reads the environment of the worker when it is imported.
        from web.metrics import Metrics

        metrics = Metrics(service)
        metrics.add_to(app)
        observers.append(metrics)
    observe_requests(app, observers)
    return app


def create_app(service: SearchService, site: Site | None = None, origins: Origins | None = None) -> Flask:
    """Make the WSGI application that answers from `service`. Any number of threads may use it at once. Pages
    of `origins` may read the endpoint; without them, those of any site.
    """
    site = site or Site()
    app = _Application(
        __name__, info=INFO, doc_ui=False, validation_error_status=400, validation_error_model=Problem
    )
    app.request_class = StrictRequest
    # An id may hold any character, two slashes in a row among them.
    app.url_map.merge_slashes = False
    app.url_map.converters["any_text"] = _AnyText
    app.json = _FastJSON(app)
    _set_up_templates(app, site)
    app.register_blueprint(pages_blueprint(service))
    app.register_blueprint(release_blueprint(service, site))
    app.register_blueprint(trends_blueprint(service))
    app.register_api(api_blueprint(service, site))
    app.register_blueprint(health_blueprint(service))
    app.register_blueprint(discovery_blueprint(service, site))
    app.register_blueprint(embed_blueprint())
    app.register_blueprint(feeds_blueprint(service, site))
    app.register_blueprint(crawlers_blueprint(service, site))
    register_error_answers(app)
    # Flask calls what comes behind an answer last to first, so these count the work of the others.
    app.after_request(add_request_id)
    tell_durations(app)
    refuse_large_requests(app)
    app.after_request((origins or Origins()).add_headers)
    compress_answers(app)
    EntityTags(service, site).add_to(app)
    app.after_request(_add_security_headers)
    app.after_request(keep_nothing)
    app.after_request(keep_static_files)
    return app


def _set_up_templates(app: Flask, site: Site) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "byte_size": byte_size,
        "field_label": field_label,
        "iso_day": iso_day,
        "korean_date": korean_date,
        "korean_month": korean_month,
        "outlet_url": outlet_url,
        "particle": particle,
        "safe_url": safe_url,
        "subtitles_below": subtitles_below,
    }
    app.jinja_env.globals |= {
        "date_text": date_text,
        "feed_url": feed_url,
        "release_url": release_url,
        "site": site,
        "static_url": static_url,
    }


class _FastJSON(JSONProvider):
    """JSON a Korean reader can read: UTF-8 as it is, keys in the documented order."""

    def dumps(self, obj: Any, **_: Any) -> str:  # noqa: ANN401 - whatever JSON has
        return msgspec.json.encode(obj).decode()

    def response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - whatever JSON has
        obj = self._prepare_response_obj(args, kwargs)
        # A terminal wants the end of the line.
        return Response(msgspec.json.encode(obj) + b"\n", mimetype="application/json")

    def loads(self, s: str | bytes, **_: Any) -> Any:  # noqa: ANN401 - whatever JSON has
        return msgspec.json.decode(s)


def _add_security_headers(response: Response) -> Response:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
