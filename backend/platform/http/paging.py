"""The two parameters of every list."""

from typing import Annotated

from fastapi import Query

Cursor = Annotated[
    str | None, Query(max_length=1000, description="The `next` of the page before; without it, the first page.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
