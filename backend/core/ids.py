"""Identifiers: UUID version 7, so that they sort by the time they were made and a phone may make them too."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh UUID v7."""
    return uuid_utils.compat.uuid7()
