"""All SQL of what phones take along and hand in."""
