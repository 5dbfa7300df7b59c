"""All SQL of posts."""
