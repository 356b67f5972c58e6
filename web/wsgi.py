"""The application as any WSGI server takes it; the index is the folder named by BODO_INDEX."""

import os
from pathlib import Path

from indexer.search.service import open_service
from web.app import create_app

app = create_app(open_service(Path(os.environ.get("BODO_INDEX", "index"))))
