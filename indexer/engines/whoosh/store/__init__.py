"""Generations on the disk: whole, durable, verified."""
