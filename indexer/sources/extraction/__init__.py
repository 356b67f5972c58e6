"""A document, a text or a record -> a press release: its title, fields and sections, without boilerplate."""
