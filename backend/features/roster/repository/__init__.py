"""All SQL of rosters."""
