"""The estate's addresses, one file a subject."""

from backend.features.estate.routes.homes import homes
from backend.features.estate.routes.imports import imports
from backend.features.estate.routes.invitations import invitations
from backend.features.estate.routes.ownerships import ownerships
from backend.features.estate.routes.projects import projects

__all__ = ["homes", "imports", "invitations", "ownerships", "projects"]
