"""Repairs: one engineer from report to end, promises 1-1-1-0 kept as gates."""
