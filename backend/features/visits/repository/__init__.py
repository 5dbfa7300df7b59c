"""All SQL of visits."""
