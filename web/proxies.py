"""Who asks, where proxies stand between."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def trust_proxies(app: Flask, hops: int) -> None:
    """Believe what the last `hops` proxies say of client, scheme, host and prefix (`X-Forwarded-…`), and
    nothing of what stands before: anyone may have written that. With 0 nothing is believed.
    """
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask's documentation has it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops
        )
