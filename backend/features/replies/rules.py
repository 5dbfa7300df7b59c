"""The domain of canned replies, pure: placeholders, and filling them in without leaving a hole."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PLACEHOLDERS: Final[tuple[str, ...]] = ("owner", "home", "project", "hotline", "agent")
"""What a reply can be filled with: names of owner, home, project and agent, and the project's hotline."""

_MARK: Final = re.compile(r"\{([^{}]*)\}")


class BraceAlone(ValueError):
    """A brace without its other half, or one within another. Braces are for placeholders only."""


def placeholders_of(text: str) -> tuple[str, ...]:
    """What stands in braces, each once, in the order it first appears; known or not.

    Raises:
        BraceAlone: see there.
    """
    if re.search(r"[{}]", _MARK.sub("", text)):
        raise BraceAlone(text)
    return tuple(dict.fromkeys(_MARK.findall(text)))


@dataclass(frozen=True, slots=True)
class Filled:
    """A text as it can be sent; None while a value is `missing`: nobody is sent a sentence with a hole in it."""

    text: str | None
    missing: tuple[str, ...] = ()


def fill(text: str, values: Mapping[str, str | None]) -> Filled:
    """A reply with its placeholders filled in. None and blanks are no value.

    Values go in as they are: one with braces in it is not filled in again.
    """
    missing = tuple(name for name in placeholders_of(text) if not (values.get(name) or "").strip())
    if missing:
        return Filled(None, missing)
    return Filled(_MARK.sub(lambda mark: values[mark[1]] or "", text))
