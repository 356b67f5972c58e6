"""What is in a segment: arrays in a file, and what they mean."""
