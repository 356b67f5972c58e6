"""Bytes of a file -> press releases. One module a format; `reading.py` picks it and keeps the limits."""
