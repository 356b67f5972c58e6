"""A document or text -> a press release: title, fields, sections, without what is not news."""
