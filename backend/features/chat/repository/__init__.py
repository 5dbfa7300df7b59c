"""Chat in SQL."""
