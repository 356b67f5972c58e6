"""The `bodo` command."""
