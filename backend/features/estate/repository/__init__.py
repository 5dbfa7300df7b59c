"""All SQL of the feature, one file a subject."""
