"""The embedded engine: segments of arrays that are a Whoosh index too. The only home of `whoosh`.

    format   what is in a segment: documents, terms, postings
    store    how segments stay whole: manifests, generations, the writer's lock, verifying
    build    how releases become segments: inverting, merging, the writer
    query    how segments answer: matching, scoring, the best k, offsets, the reader
    bridge   what Whoosh sees: its schema, its codec, its table of contents

`engine.py` puts them together. Names are Lucene's: a segment numbers its releases from 0 (doc ids), a reader
of several segments adds a doc base; a term's postings are the releases that have it; its occurrences in them
have positions.
"""

from indexer.engines.whoosh.engine import WhooshEngine

__all__ = ["WhooshEngine"]
