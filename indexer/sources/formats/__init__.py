"""The bytes of a file format -> a document: the paragraphs and tables that a reader sees, in order."""
