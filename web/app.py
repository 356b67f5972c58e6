"""The Flask application: pages, JSON endpoint, error answers and security headers put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider
from werkzeug.routing import BaseConverter

from indexer.bootstrap import open_service
from indexer.search.response import date_text
from web.api import api_blueprint
from web.compression import compress_answers
from web.cors import Origins
from web.crawlers import crawlers_blueprint
from web.discovery import discovery_blueprint
from web.embed import embed_blueprint
from web.errors import register_error_answers
from web.feeds import feeds_blueprint
from web.formats import byte_size, field_label, korean_date, korean_month, particle, safe_url, subtitles_below
from web.garbage import put_aside_soon
from web.navigation import feed_url, outlet_url, release_url
from web.pages import pages_blueprint
from web.release_page import release_blueprint
from web.site import Site
from web.static_files import keep_static_files, static_url
from web.trends_page import trends_blueprint

if TYPE_CHECKING:
    from indexer.search.service import SearchService
    from indexer.settings import Settings

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
    # The index may change with any second, and a release may be taken down.
    "Cache-Control": "no-cache",
}


class _AnyText(BaseConverter):
    """The rest of a path: any characters, slashes and line breaks among them."""

    regex = "(?s:.+)"
    part_isolating = False


def open_app(settings: Settings) -> Flask:
    """Make the WSGI application over the index that `settings` name."""
    site = Site.of(settings)
    origins = Origins.of(settings)
    service = open_service(settings, deadline_s=settings.deadline_s, opened=put_aside_soon)
    return create_app(service, site, origins)


def create_app(service: SearchService, site: Site | None = None, origins: Origins | None = None) -> Flask:
    """Make the WSGI application that answers from `service`. Any number of threads may use it at once. Pages
    of `origins` may read the endpoint; without them, those of any site.
    """
    site = site or Site()
    app = Flask(__name__)
    # An id may hold any character, two slashes in a row among them.
    app.url_map.merge_slashes = False
    app.url_map.converters["any_text"] = _AnyText
    app.json = _ReadableJSON(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "byte_size": byte_size,
        "field_label": field_label,
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
    app.register_blueprint(pages_blueprint(service))
    app.register_blueprint(release_blueprint(service, site))
    app.register_blueprint(trends_blueprint(service))
    app.register_blueprint(api_blueprint(service))
    app.register_blueprint(discovery_blueprint(service, site))
    app.register_blueprint(embed_blueprint())
    app.register_blueprint(feeds_blueprint(service, site))
    app.register_blueprint(crawlers_blueprint(service, site))
    register_error_answers(app)
    app.after_request((origins or Origins()).add_headers)
    compress_answers(app)
    app.after_request(_add_security_headers)
    # Flask calls these last to first: this one adds to the headers of the others.
    app.after_request(keep_static_files)
    return app


class _ReadableJSON(DefaultJSONProvider):
    """JSON a Korean reader can read: UTF-8 as it is, keys in the documented order."""

    ensure_ascii = False
    sort_keys = False


def _add_security_headers(response: Response) -> Response:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
