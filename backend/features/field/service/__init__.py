"""The door of field work: what a phone hands in, and what it takes along."""

from backend.features.field.service.day import bring
from backend.features.field.service.taking import Result, Stands, take_all

__all__ = ["Result", "Stands", "bring", "take_all"]
