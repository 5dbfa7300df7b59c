"""What a document names and gives no value for (GP-..)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backend.features.standard.document import Standard
from backend.features.standard.rules.plain import below, marks, plain

Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class Gap:
    """A value that is not set: where it stands, what it is called, the gap's rule, why, and what might be chosen.

    `name` and `why` are in the product's languages; `suggestion` is a `Due` that nobody has decided on.
    """

    path: str
    name: Words
    gap: str | None
    why: Words
    suggestion: dict[str, Any] | None


def not_set(standard: Standard) -> list[Gap]:
    """Every `not_set` of the document, in the document's order."""
    tree = plain(standard)
    return list(_gaps(tree, "", tree["name"]))


def _gaps(value: Any, path: str, name: Words) -> Iterator[Gap]:
    if isinstance(value, list):
        for mark, item in zip(marks(value), value, strict=True):
            yield from _gaps(item, f"{path}[{mark}]", name)
    if not isinstance(value, dict):
        return
    # What has no name of its own, as a step of a chain, goes by the name of what it is part of.
    name = value.get("name", name)
    for key, inner in value.items():
        if key == "not_set":
            yield Gap(below(path, key), name, inner.get("gap"), inner["why"], inner.get("suggestion"))
        else:
            yield from _gaps(inner, below(path, key), name)
