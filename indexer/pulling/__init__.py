"""Releases brought in from feeds, lists and addresses of the net."""
