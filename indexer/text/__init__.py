"""Characters: normal form and the way back, Hangul letters, part-of-speech tags, array types."""
