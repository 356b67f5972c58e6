"""What a line or a phrase of a Korean release is: a date, a contact, a dateline, a heading, boilerplate.

Recognizers look at text only; they know no document and no press release. The lengths and counts in them
were chosen by hand; `tests/benchmarks/fields.py` and `round_trip.py` there show what they do to a corpus.
"""
