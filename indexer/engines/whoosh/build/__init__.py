"""How releases become segments, and segments one segment."""
