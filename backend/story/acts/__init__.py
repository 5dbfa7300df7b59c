"""The acts, in the order in which they are told."""

from backend.story.acts.agreeing import agreeing
from backend.story.acts.answering import answering
from backend.story.acts.closing import closing
from backend.story.acts.evening import evening
from backend.story.acts.quarter import quarter
from backend.story.acts.recording import recording
from backend.story.acts.repairing import repairing
from backend.story.acts.silence import silence

ACTS = (evening, recording, silence, answering, agreeing, repairing, closing, quarter)

__all__ = ["ACTS"]
