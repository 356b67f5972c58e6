"""What is inside a segment: arrays in a file."""
