"""Rosters: when the holder of a position is on duty, who stands in, and who is on duty now."""
