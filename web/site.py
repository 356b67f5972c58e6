"""The archive as other sites know it: its name, and its addresses in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

from indexer.errors import BodoError
from indexer.settings import DEFAULTS
from web.formats import plain_uri

if TYPE_CHECKING:
    from indexer.settings import Settings


@dataclass(frozen=True, slots=True)
class Site:
    """`name` is what pages and feeds call the archive. `public_url` is where it is reached from outside,
    without a slash at its end; '' is where the request came to.
    """

    name: str = DEFAULTS.site_name
    public_url: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Site:
        """The site that settings name. Raises BodoError where its address is none."""
        given = settings.public_url.strip()
        url = plain_uri(given)
        parts = urlsplit(url)
        if given and (not url or parts.query or parts.fragment or parts.username is not None):
            raise BodoError(
                f"public_url(BODO_PUBLIC_URL)이 웹 주소가 아닙니다: {given[:80]}",
                "https://보도자료.example.kr처럼 적으세요. 물음표와 #은 쓰지 않습니다.",
            )
        name = " ".join(settings.site_name.split()) or DEFAULTS.site_name
        return cls(name, url.rstrip("?#").rstrip("/"))

    def absolute(self, path: str) -> str:
        """The full address, in ASCII, of a path of the application that begins with a slash."""
        if self.public_url:
            # Where the application is mounted stands in the public address already.
            return self.public_url + path.removeprefix(request.script_root)
        # A host that cannot be one is '' (werkzeug); an address needs some.
        return f"{request.scheme}://{request.host.lower() or 'localhost'}{path}"
