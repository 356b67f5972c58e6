"""Another archive, asked over its JSON endpoint (docs/api.md). `archive.py` is the way in."""
