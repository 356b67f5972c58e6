"""How segments answer: which releases match, how good each is, and where."""
