"""The feature's addresses."""

from backend.features.journey.routes.timeline import timeline

__all__ = ["timeline"]
