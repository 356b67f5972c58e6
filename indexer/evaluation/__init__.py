"""Measures search quality: relevance with a judged set, precision of single words by the analyzer."""
