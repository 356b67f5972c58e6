"""The application as any WSGI server takes it, by the settings BODO_INDEX, BODO_ANALYZER and
BODO_DEADLINE_S.
"""

import os
from pathlib import Path

from indexer.search.service import open_service
from indexer.settings import DEFAULT_ANALYZER, DEFAULT_DEADLINE_S, DEFAULT_INDEX
from web.app import create_app
from web.garbage import put_aside_soon

app = create_app(
    open_service(
        Path(os.environ.get("BODO_INDEX", DEFAULT_INDEX)),
        os.environ.get("BODO_ANALYZER", DEFAULT_ANALYZER),
        deadline_s=float(os.environ.get("BODO_DEADLINE_S", DEFAULT_DEADLINE_S)),
        opened=put_aside_soon,
    )
)
