"""Files over HTTP: announcing and finding them, sending their bytes, and the links that serve them."""

from backend.features.files.routes.faces import faces
from backend.features.files.routes.files import files
from backend.features.files.routes.media import media
from backend.features.files.routes.uploads import uploads

__all__ = ["faces", "files", "media", "uploads"]
