"""Watches the corpus folder and says what has changed in it. What is to be done then others say."""
