"""The base of everything that travels over HTTP: unknown fields are refused, and so are characters that no
person types.

PostgreSQL cannot store NUL, and the other control characters and lone surrogates only ever arrive by accident or
by malice, so they are refused by name at the door instead of failing further in.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

# Controls, lone surrogates, and the marks that turn the direction of writing round.
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_LINE_BREAK = re.compile(r"[\n\r\t\u2028\u2029]")


def printable(text: str) -> str:
    """`text`, when it holds only characters that a person types.

    Raises:
        PydanticCustomError: `control_character`.
    """
    if _FORBIDDEN.search(text):
        raise PydanticCustomError("control_character", "control characters are not allowed")
    return text


def one_line(text: str) -> str:
    """`text`, when it is one line that a person types, without tabs.

    Raises:
        PydanticCustomError: `control_character`.
    """
    if _LINE_BREAK.search(text):
        raise PydanticCustomError("control_character", "one line, without tabs or line breaks")
    return printable(text)


# Lengths stand before the characters: so they are counted after trimming, and blanks alone are too short.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)
]
"""One line of text a person typed: 1 to 200 characters, trimmed."""

Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(printable)
]
"""Text a person typed, with line breaks: 1 to 2,000 characters, trimmed."""

Moment = Annotated[
    datetime,
    PlainSerializer(
        lambda moment: moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        return_type=str,
        when_used="json",
    ),
]
"""An instant: RFC 3339 in UTC with milliseconds."""


def _within_reach(moment: datetime) -> datetime:
    if not 1990 <= moment.year <= 2100:
        raise PydanticCustomError("time_out_of_reach", "between 1990 and 2100")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""A moment that somebody names, with its offset, in the years anything here can happen in: 1990 to 2100."""


class Asked(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """A response's body."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


Item = TypeVar("Item", bound=Any)


class Page(Answer, Generic[Item]):
    """One page of a list. `next` is the cursor of the following page; null on the last."""

    items: list[Item]
    next: str | None = None
