"""The application as any WSGI server takes it, by the settings BODO_INDEX, BODO_ANALYZER and
BODO_DEADLINE_S.
"""

import os
from pathlib import Path

from indexer.bootstrap import open_service
from indexer.settings import DEFAULTS, Settings
from web.app import create_app
from web.garbage import put_aside_soon

_SETTINGS = Settings(
    index=Path(os.environ.get("BODO_INDEX", DEFAULTS.index)),
    analyzer=os.environ.get("BODO_ANALYZER", DEFAULTS.analyzer),
    deadline_s=float(os.environ.get("BODO_DEADLINE_S", DEFAULTS.deadline_s)),
)
app = create_app(open_service(_SETTINGS, deadline_s=_SETTINGS.deadline_s, opened=put_aside_soon))
