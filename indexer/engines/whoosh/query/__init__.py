"""Requests -> documents, scores, facets and places."""
