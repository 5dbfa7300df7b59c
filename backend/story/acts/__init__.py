"""The acts, in the order in which they are told."""

from backend.story.acts.evening import evening
from backend.story.acts.repairing import repairing

ACTS = (evening, repairing)

__all__ = ["ACTS"]
