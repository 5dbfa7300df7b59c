"""Journeys: each ownership's way through its standard, what is owed on it and by when, and the tasks that follow."""
