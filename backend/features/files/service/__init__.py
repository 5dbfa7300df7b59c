"""The door of files: handing them in, saying them, showing them, and letting them go."""

from backend.features.files.models import File
from backend.features.files.repository import Found
from backend.features.files.rules import Size
from backend.features.files.service.beginning import SWEEP, Announced, begin
from backend.features.files.service.faces import FACE, set_face
from backend.features.files.service.finishing import look
from backend.features.files.service.receiving import LOOK, Checksum, Cut, Overfull, receive, upload_of
from backend.features.files.service.seeing import Deciders, Links, Opened, link, may_be_said, opened, seen
from backend.features.files.service.sweeping import let_go, sweep
from backend.features.files.service.using import Shows, use

__all__ = [
    "FACE",
    "LOOK",
    "SWEEP",
    "Announced",
    "Checksum",
    "Cut",
    "Deciders",
    "File",
    "Found",
    "Links",
    "Opened",
    "Overfull",
    "Shows",
    "Size",
    "begin",
    "let_go",
    "link",
    "look",
    "may_be_said",
    "opened",
    "receive",
    "seen",
    "set_face",
    "sweep",
    "upload_of",
    "use",
]
