"""The embedded engine: an array core, and the Whoosh index it is. The only home of `whoosh`.

`container.py` (arrays in a file), `postings.py` and `documents.py` (the format), `invert.py`, `merge.py` and
`writer.py` (how it is made), `matching.py`, `scoring.py` and `reader.py` (how it answers), `generations.py`
(how it stays whole), `codec.py`, `fields.py` and `toc.py` (what Whoosh sees).
"""

from indexer.engines.whoosh.engine import WhooshEngine

__all__ = ["WhooshEngine"]
