"""Letting go of what is used no more."""

from backend.features.notices.repository.choosing import retire_stale
from backend.features.notices.service.addresses import forget_codes

__all__ = ["forget_codes", "retire_stale"]
