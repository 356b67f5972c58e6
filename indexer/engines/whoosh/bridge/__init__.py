"""What Whoosh sees of the index. The only home of `whoosh`."""
