"""`python -m indexer` is `bodo`."""

from indexer.cli.main import main

main()
