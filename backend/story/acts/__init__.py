"""The acts, in the order in which they are told."""

from backend.story.acts.evening import evening

ACTS = (evening,)

__all__ = ["ACTS"]
