"""Letting go of what is used no more."""

from backend.features.notices.repository.choosing import retire_stale

__all__ = ["retire_stale"]
