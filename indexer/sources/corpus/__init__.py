"""The corpus folder: files, what belongs together, what came of each."""
