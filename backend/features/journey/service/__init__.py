"""The door of the journey's feature: what the others may call."""
