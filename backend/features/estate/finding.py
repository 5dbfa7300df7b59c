"""What somebody means who types into the search for homes: a place in any spelling, a name, a phone. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from backend.features.estate.rules import natural
from backend.features.estate.workbook import spell_home

_MOST_WORDS = 4
# Shorter runs of digits are rooms and buildings: nobody is found by three digits of a phone.
_LEAST_DIGITS = 4
_PHONE = re.compile(r"[\d\s+()-]+")
# Sorts right after the space that ends a part of a sort key.
_AFTER_SPACE = "!"


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look. `sort_range` holds the sort keys from, and before, of the building (and unit) that was named;
    every one of `words` begins a word of a home's search words."""

    unit_key: str | None
    room_key: str | None
    sort_range: tuple[str, str] | None
    words: tuple[str, ...]


def search_for(typed: str) -> Search | None:
    """The search meant by `typed`; None when it says nothing."""
    text = unicodedata.normalize("NFKC", typed).strip().lower()
    if not any(char.isalnum() for char in text):
        return None
    spelled = spell_home(text)
    sort_range = None
    if spelled.building_key is not None:
        prefix = natural(spelled.building_key)
        if spelled.unit_key is not None:
            prefix += f" {natural(spelled.unit_key)}"
        sort_range = (f"{prefix} ", f"{prefix}{_AFTER_SPACE}")
    return Search(spelled.unit_key, spelled.room_key, sort_range, _words(text))


def _words(text: str) -> tuple[str, ...]:
    if _PHONE.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        return (digits,) if len(digits) >= _LEAST_DIGITS else ()
    return tuple(
        word for word in text.split() if any(char.isalpha() for char in word) or len(word) >= _LEAST_DIGITS
    )[:_MOST_WORDS]
