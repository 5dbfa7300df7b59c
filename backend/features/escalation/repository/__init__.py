"""All SQL of escalation."""
