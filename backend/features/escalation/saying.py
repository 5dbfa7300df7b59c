"""What is called what, for people."""

from backend.core.locale import Locale, knows, say


def clock_words(clock: str, locale: Locale) -> str:
    """A clock's name; one of a company's own making goes by its code."""
    key = f"paging.clock_{clock}"
    return say(locale, key) if knows(key) else clock
