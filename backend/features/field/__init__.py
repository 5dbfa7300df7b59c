"""Repairs without a network: what an engineer's phone takes along, and what it hands in afterwards."""
