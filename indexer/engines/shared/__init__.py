"""What several engines use: files of arrays, phrases, near duplicates. It imports no engine."""
