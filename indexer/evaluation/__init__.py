"""How well it is found: relevance on a judged set, precision by the analyzer's own cut."""
