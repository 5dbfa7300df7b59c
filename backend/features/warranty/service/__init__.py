"""The door of the warranty's feature: what the others may call."""

from backend.features.warranty.service.covering import Cover, cover

__all__ = ["Cover", "cover"]
