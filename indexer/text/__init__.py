"""Characters: one normal form of a text, each character knowing where it came from, and the tags of words."""
