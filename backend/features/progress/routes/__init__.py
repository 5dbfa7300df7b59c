"""Posts over HTTP: the desk where they are made, the feed where they are read, open days."""

from backend.features.progress.routes.desk import desk
from backend.features.progress.routes.feed import feed
from backend.features.progress.routes.open_days import open_days

__all__ = ["desk", "feed", "open_days"]
