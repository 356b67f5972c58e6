"""`python -m indexer` is `bodo`."""

from indexer.cli import main

main()
