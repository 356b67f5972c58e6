"""The application as any WSGI server takes it. Its settings are those of the environment and `bodo.toml`."""

import os
from pathlib import Path

from indexer.settings import load_settings
from web.app import open_app

app = open_app(load_settings(os.environ, Path()))
