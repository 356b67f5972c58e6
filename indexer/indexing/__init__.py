"""Brings the changes of the corpus into the index."""
