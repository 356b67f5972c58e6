"""From a query to an answer. `service.py` is the way in."""
