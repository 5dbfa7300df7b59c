"""Deliveries on their way: lanes that drain them, channels that take them, and what becomes of those in doubt."""
