"""How two documents differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from backend.features.standard.document import Standard
from backend.features.standard.rules.plain import below, marks, plain

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two documents differ. `before` is None for what was added, `after` for what was removed."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


def differences(a: Standard, b: Standard) -> list[Difference]:
    """What turns `a` into `b`, in the order of the documents.

    Items with a code are compared with the item of that code, wherever it stands; another order of the same items is
    one change, told by their codes. Items without one are either in both lists or added or removed.
    """
    return list(_between("", plain(a), plain(b)))


def _between(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if before is _MISSING:
        yield Difference(path, "added", after=after)
    elif after is _MISSING:
        yield Difference(path, "removed", before=before)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in before | after:
            yield from _between(below(path, key), before.get(key, _MISSING), after.get(key, _MISSING))
    elif _are_items(before) and _are_items(after):
        yield from _lists(path, before, after)
    else:
        yield Difference(path, "changed", before, after)


def _are_items(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _lists(path: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    if any("code" not in item for item in before + after):
        yield from _uncoded(path, before, after)
        return
    ours, theirs = ({item["code"]: item for item in items} for items in (before, after))
    for code in ours | theirs:
        yield from _between(f"{path}[{code}]", ours.get(code, _MISSING), theirs.get(code, _MISSING))
    kept_before = [code for code in ours if code in theirs]
    kept_after = [code for code in theirs if code in ours]
    if kept_before != kept_after:
        yield Difference(path, "changed", kept_before, kept_after)


def _uncoded(path: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    left = list(after)
    for mark, item in zip(marks(before), before, strict=True):
        if item in left:
            left.remove(item)
        else:
            yield Difference(f"{path}[{mark}]", "removed", before=item)
    for mark, item in zip(marks(after), after, strict=True):
        if item in left:
            left.remove(item)
            yield Difference(f"{path}[{mark}]", "added", after=item)
