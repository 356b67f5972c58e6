"""The search box for pages of other sites: its script at a fixed address, and a page that shows it."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, send_file

from web.help_texts import EMBED_ATTRIBUTES
from web.static_files import STATIC, digests_of

_SCRIPT = "embed.js"
# A choice: pages of other sites run a mended script within ten minutes.
_SCRIPT_MAX_AGE_S = 600


def embed_blueprint() -> Blueprint:
    """`/embed.js` and `/embed`."""
    blueprint = Blueprint("embed", __name__)

    @blueprint.get("/embed.js")
    def script() -> Response:
        response = send_file(
            STATIC / _SCRIPT,
            mimetype="text/javascript",
            etag=digests_of(STATIC)[_SCRIPT],
            max_age=_SCRIPT_MAX_AGE_S,
        )
        # The one answer that pages of other sites load without asking by CORS.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    @blueprint.get("/embed")
    def page() -> str:
        return render_template("embed.html", attributes=EMBED_ATTRIBUTES)

    return blueprint
