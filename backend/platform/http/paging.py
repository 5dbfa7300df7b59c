"""What every list has in common: its two parameters, and how a page is cut."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query

from backend.core.paging import encode_cursor
from backend.core.wire import Page

Cursor = Annotated[
    str | None,
    Query(max_length=1000, description="The `next` of the page before; without it, the first page."),
]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]

Found = TypeVar("Found")
Shown = TypeVar("Shown")


def page_of(
    found: Sequence[Found],
    limit: int,
    *,
    show: Callable[[Found], Shown],
    key: Callable[[Found], tuple[Any, ...]],
) -> Page[Shown]:
    """The first `limit` of `found`, which holds one more where there is a further page; `key` is the sort key."""
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[show(one) for one in found[:limit]], next=None if last is None else encode_cursor(*key(last))
    )
