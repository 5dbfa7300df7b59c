"""Whom a line is for."""

from typing import Literal

Audience = Literal["all", "staff"]
"""Whom an entry is for, and what a reader may see: everybody's lines, or the internal ones too."""
