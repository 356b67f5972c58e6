"""How releases become segments, and several segments one."""
