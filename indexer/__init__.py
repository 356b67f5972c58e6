"""bodo: full-text search for Korean press releases (the library and the `bodo` command)."""

__version__ = "0.2.0"
