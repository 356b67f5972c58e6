"""Corpus -> engine: what has changed, and its way into the index."""
