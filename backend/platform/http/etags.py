"""Entity tags: `If-Match` for edits from the field, `If-None-Match` for lists a phone asks for again and again."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel

from backend.core.errors import Invalid, Stale
from backend.platform.http.digests import digest_tag

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The `ETag` under which you read it. A newer state answers 412 with what it is now.",
    ),
]


def version_tag(version: int) -> str:
    """The strong entity tag of a row's version."""
    return f'"{version}"'


_KEPT = (b"cache-control", b"private, no-cache")
_JSON = (b"content-type", b"application/json")


def check_version(if_match: str | None, version: int, present: dict[str, Any]) -> None:
    """Let the edit pass when it was made against `version`.

    Raises:
        Invalid: `if_match_required`, without the header.
        Stale: `changed_meanwhile`, with the present state.
    """
    if if_match is None:
        raise Invalid("if_match_required", field="If-Match")
    tags = {tag.strip().removeprefix("W/") for tag in if_match.split(",")}
    if "*" not in tags and version_tag(version) not in tags:
        raise Stale("changed_meanwhile", present=present)


def tagged(request: Request, content: bytes) -> Response:
    """`content` as JSON under a tag of its own; 304 without a body when the caller already holds it."""
    tag = digest_tag(content)
    return under_tag(tag, None if holds(request, tag) else content)


def shape_of(answer: type[BaseModel]) -> str:
    """A part of an entity tag: a newer release that answers in another shape is never taken for unchanged."""
    return hashlib.blake2b(json.dumps(answer.model_json_schema()).encode(), digest_size=8).hexdigest()


def holding(request: Request) -> Callable[[str], bool] | None:
    """Tells of a tag whether the caller holds it; None when they name none."""
    return partial(holds, request) if b"if-none-match" in request.state.headers else None


def holds(request: Request, tag: str) -> bool:
    """Whether the caller says that they hold what stands under `tag`."""
    held = request.state.headers.get(b"if-none-match", b"").decode("latin-1")
    # Nearly always it is just the one that was sent last.
    return held == tag or (
        bool(held) and tag.removeprefix("W/") in {part.strip().removeprefix("W/") for part in held.split(",")}
    )


def under_tag(tag: str, content: bytes | None) -> Response:
    """`content` as JSON under `tag`; None: 304, the caller holds it."""
    return _Tagged(tag, content)


class _Tagged(Response):
    """As `Response` would have it, which works each header out anew."""

    def __init__(self, tag: str, content: bytes | None) -> None:
        self.status_code, self.background = (304 if content is None else 200), None
        self.body = content or b""
        self.raw_headers = [(b"etag", tag.encode()), _KEPT]
        if content is not None:
            self.raw_headers += (b"content-length", b"%d" % len(content)), _JSON
