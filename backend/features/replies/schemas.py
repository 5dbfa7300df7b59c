"""What travels over the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from backend.core.locale import Locale
from backend.core.wire import Answer, Asked, Line, Moment, Prose

Texts = Annotated[
    dict[Locale, Prose],
    Field(
        description="A text a language, zh-CN always. Placeholders: {owner}, {home}, {project}, {hotline}, {agent}.",
        examples=[{"zh-CN": "{owner}您好，我是{agent}，请问有什么可以帮您？"}],
    ),
]


class ReplyWritten(Asked):
    """A reply to be written."""

    project: UUID | None = Field(default=None, description="Null: for the whole company.")
    code: Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9-]{0,39}$"), Field(examples=["greeting"])]
    title: Line = Field(examples=["问候"])
    texts: Texts


class ReplyEdited(Asked):
    """What changes; left out, it stays."""

    title: Line | None = None
    texts: Texts | None = None


class Reply(Answer):
    """A canned reply. `node`: the project whose own it is, or the company."""

    id: UUID
    node: UUID
    code: str
    title: str
    texts: dict[Locale, str]
    placeholders: list[str] = Field(description="What its texts are filled with.")
    written_by: UUID
    written_at: Moment
    version: int
