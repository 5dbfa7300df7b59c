"""A document as plain data, the same for the same document: what is stored, digested, compared and walked through."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from backend.features.standard.document import Standard

Tree = dict[str, Any]


def plain(standard: Standard) -> Tree:
    """The document as JSON would say it; what is left at its default is left out."""
    return standard.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def digest(standard: Standard) -> str:
    """SHA-256 of the document, in hexadecimal: equal documents have equal ones, however they were written down."""
    told = json.dumps(plain(standard), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def marks(items: Sequence[Any]) -> list[str]:
    """How each item of a list is addressed: by its code where that is the only one of its kind, else by its index."""
    codes = [_code(item) for item in items]
    times = Counter(codes)
    return [str(index) if code is None or times[code] > 1 else code for index, code in enumerate(codes)]


def _code(item: Any) -> str | None:
    code = item.get("code") if isinstance(item, dict) else None
    return code if isinstance(code, str) else None


def below(path: str, key: str) -> str:
    """The path of a field below `path`."""
    return f"{path}.{key}" if path else key


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every place of a tree with its path, such as `obligations[delivery-pack].due.value`, from the top."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, below(path, key))
    elif isinstance(value, list | tuple):
        for mark, inner in zip(marks(value), value, strict=True):
            yield from walk(inner, f"{path}[{mark}]")
