"""All SQL of the feature, one file a subject. What is written for many homes is one statement for all of them."""
