"""The embedded engine, on Whoosh. The only home of `whoosh`."""

import warnings

with warnings.catch_warnings():
    # Whoosh 2.7.4 is pinned and warns of itself when Python first compiles it.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    import whoosh.codec.whoosh3  # noqa: F401 - Whoosh imports it late, when a writer is opened

    from indexer.engines.whoosh.engine import WhooshEngine

__all__ = ["WhooshEngine"]
