"""The web face of bodo: pages and a JSON endpoint over a `SearchService`. It never writes an index."""
