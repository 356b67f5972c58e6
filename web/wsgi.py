"""The application as any WSGI server takes it. Its settings are those of the environment and `bodo.toml`."""

import os
from pathlib import Path

from indexer.bootstrap import open_service
from indexer.settings import load_settings
from web.app import create_app
from web.garbage import put_aside_soon

_SETTINGS = load_settings(os.environ, Path())
app = create_app(open_service(_SETTINGS, deadline_s=_SETTINGS.deadline_s, opened=put_aside_soon))
