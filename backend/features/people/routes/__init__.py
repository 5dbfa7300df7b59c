"""HTTP: parse, authorise, call one verb, answer. One file a subject."""

from backend.features.people.routes.auth import auth
from backend.features.people.routes.household import household
from backend.features.people.routes.me import me
from backend.features.people.routes.positions import positions
from backend.features.people.routes.staff import staff

__all__ = ["auth", "household", "me", "positions", "staff"]
