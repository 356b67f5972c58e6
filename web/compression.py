"""Answers made smaller on the way, in an encoding that the client takes (RFC 9110, section 12.5.3).

What BREACH reads off the size of a compressed answer is a secret in it. No answer has one: there are no
cookies, no accounts and no tokens.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress
from werkzeug.datastructures import Accept

# The best first. Of a page of 40 kB Brotli leaves the least, and takes 0.4 ms for it; the levels above take
# ten times as long (docs/operations.md).
_ALGORITHMS = ("br", "zstd", "gzip")
_SETTINGS = {
    "COMPRESS_ALGORITHM": _ALGORITHMS,
    "COMPRESS_BR_LEVEL": 5,
    "COMPRESS_ZSTD_LEVEL": 6,
    "COMPRESS_LEVEL": 6,
    # An answer that fits into one packet of the usual 1,500 bytes arrives no sooner when it is smaller.
    "COMPRESS_MIN_SIZE": 1_000,
    "COMPRESS_MIMETYPES": (
        "text/html",
        "text/css",
        "text/csv",
        "text/javascript",
        "text/plain",
        "application/atom+xml",
        "application/json",
        "application/opensearchdescription+xml",
        "application/problem+json",
        "application/xml",
        "image/svg+xml",
    ),
    "COMPRESS_REGISTER": False,
    "COMPRESS_STREAMS": False,
}


def compress_answers(app: Flask) -> None:
    """Compress the answers of `app` for clients that take it."""
    app.config.update(_SETTINGS)
    compress = Compress(app)

    def after_request(response: Response) -> Response:
        # Flask-Compress takes `gzip;q=0` for consent, and would compress a part of a file (206), whose range
        # counts the bytes of the file as it is.
        is_whole = response.status_code == 200
        chosen = choose_encoding(request.accept_encodings) if is_whole else ""
        request.environ["HTTP_ACCEPT_ENCODING"] = chosen
        if chosen and response.direct_passthrough:
            # A static file, which is small. Of a stream Flask-Compress would leave it open. What is made
            # bit by bit stays as it is: whoever reads on waits for each bit.
            response.direct_passthrough = False
            response.make_sequence()
        return compress.after_request(response)

    app.after_request(after_request)


def choose_encoding(accepted: Accept) -> str:
    """The encoding that a client likes best, of equal ones the one with the smallest answers; '' for none."""
    best = max(_ALGORITHMS, key=accepted.quality)
    quality = accepted.quality(best)
    return best if quality > 0 and quality >= accepted.quality("identity") else ""
