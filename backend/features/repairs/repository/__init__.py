"""All SQL of repairs."""
