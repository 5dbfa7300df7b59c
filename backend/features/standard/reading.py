"""Reading a standard from YAML or JSON: what a person wrote, or every reason why not, each with its place.

The YAML is the part of YAML 1.2 that a document needs: mappings, lists, text, whole numbers, `true`, `false`, `null`.
Nothing is guessed: `2007-05-10` and `no` are text. It is read event by event, so a hostile file costs no more
than its length.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest
from typing import Any, Final, Literal, NoReturn

import yaml
from pydantic import ValidationError

from backend.features.standard.document import Standard
from backend.features.standard.rules.checks import Fault
from backend.features.standard.rules.plain import below, marks, walk

LONGEST: Final = 2 << 20
"""The longest document that is read, in bytes."""

_DEEPEST = 30
_MOST_VALUES = 100_000
_MOST_FAULTS = 200
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_PLAIN = {"true": True, "false": False, "null": None, "~": None, "": None}


class Lines:
    """Where the places of a document stand, from line 1. Of JSON nothing is known."""

    def __init__(self, tree: Any = None, numbers: Sequence[int] = ()) -> None:
        self._tree = tree
        self._numbers = numbers

    @cached_property
    def _of_paths(self) -> dict[str, int]:
        # The numbers were noted in the order in which `walk` goes.
        return {path: line for (path, _), line in zip(walk(self._tree), self._numbers, strict=False)}

    def of(self, path: str) -> int | None:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self._of_paths:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._of_paths.get(path)


class Unreadable(Exception):
    """A document that cannot be meant as it stands, for every fault that was found."""

    def __init__(self, faults: list[Fault], lines: Lines) -> None:
        super().__init__(faults)
        self.faults = faults
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Read:
    """A document, and at which lines its places stand."""

    standard: Standard
    lines: Lines


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet. `key` waits for its value."""

    of: dict[str, Any] | list[Any]
    key: str | None = None


def read_document(content: bytes, kind: Literal["yaml", "json"] = "yaml") -> Read:
    """The document in `content`.

    Raises:
        Unreadable: see there.
    """
    if len(content) > LONGEST:
        raise _refused("standard_too_long", limit=LONGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("standard_not_utf8") from None
    tree, lines = _from_yaml(text) if kind == "yaml" else (_from_json(text), Lines())
    if not isinstance(tree, dict):
        raise _refused("standard_no_mapping")
    if next(islice(walk(tree), _MOST_VALUES, None), None) is not None:
        raise _refused("standard_too_many_values", limit=_MOST_VALUES)
    try:
        return Read(Standard.model_validate(tree, strict=True), lines)
    except ValidationError as error:
        raise Unreadable(_of_validation(error, tree), lines) from None


def _refused(code: str, path: str = "", line: int | None = None, **params: Any) -> Unreadable:
    """One fault that ends the reading. The line is known to whoever looks at the path or around it."""
    if line is None:
        return Unreadable([Fault(_shown(path), code, params)], Lines())
    return Unreadable([Fault(_shown(path), code, params | {"line": line})], Lines({}, [line]))


def _of_validation(error: ValidationError, tree: Any) -> list[Fault]:
    found = []
    told = error.errors(include_url=False, include_input=False)[:_MOST_FAULTS]
    # Items that are wrong are not counted as items; that there are too few of them then is no fault of its own.
    around = {one["loc"][:length] for one in told for length in range(len(one["loc"]))}
    for one in told:
        if one["type"] == "too_short" and one["loc"] in around:
            continue
        code = one["type"] if one["type"].startswith("standard_") else f"field_{one['type']}"
        params = {key: value for key, value in one.get("ctx", {}).items() if key != "error"}
        found.append(Fault(_shown(_path(one["loc"], tree)), code, params))
    return found


def _shown(path: str) -> str:
    """A path may hold whatever somebody wrote for a key or a code."""
    return path[:300].encode(errors="replace").decode()


def _path(loc: tuple[str | int, ...], tree: Any) -> str:
    """Where it is, as `obligations[delivery-pack].due.value`."""
    path = ""
    for part in loc:
        if isinstance(part, int) and isinstance(tree, tuple):
            path += f"[{marks(tree)[part]}]"
            tree = tree[part]
        elif isinstance(part, str) and part != "[key]":
            path = below(path, part)
            tree = tree.get(part) if isinstance(tree, dict) else None
    return path


def _from_yaml(text: str) -> tuple[Any, Lines]:
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        before = text[: getattr(error, "position", len(text))].count("\n")
        # At the end of the text the parser stands a line behind it.
        line = 1 + (min(mark.line, before) if mark else before)
        raise _refused("standard_not_yaml", line=line) from None
    return builder.root, Lines(builder.root, builder.numbers)


class _Builder:
    """Puts a document together from YAML's events, without recursion."""

    def __init__(self) -> None:
        self.root: Any = None
        self.numbers: list[int] = []
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse("standard_two_documents", line)
        elif isinstance(event, yaml.AliasEvent):
            self._refuse("standard_alias", line)
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            self._begin(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()

    def _begin(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, line: int) -> None:
        if event.anchor is not None:
            self._refuse("standard_alias", line)
        if event.tag is not None:
            self._refuse("standard_tag", line)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif self._awaits_key():
            self._refuse("standard_key", line)
        elif len(self._open) == _DEEPEST:
            self._refuse("standard_too_deep", line)
        else:
            self.numbers.append(line)
            self._open.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else []))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._awaits_key():
            mapping = self._open[-1]
            if event.value in mapping.of:
                self._refuse("standard_key_twice", line, event.value)
            mapping.key = event.value
        else:
            self.numbers.append(line)
            self._place(_value(event))

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].of, dict) and self._open[-1].key is None

    def _place(self, value: Any) -> None:
        if not self._open:
            self.root = value
            return
        around = self._open[-1]
        if isinstance(around.of, dict):
            assert around.key is not None
            around.of[around.key] = value
            around.key = None
        else:
            around.of.append(value)

    def _end(self) -> None:
        done = self._open.pop().of
        self._place(done if isinstance(done, dict) else tuple(done))

    def _refuse(self, code: str, line: int, key: str | None = None) -> NoReturn:
        path = ""
        for one, inside in zip_longest(self._open, self._open[1:]):
            if isinstance(one.of, list):
                named = inside.of.get("code") if inside and isinstance(inside.of, dict) else None
                path += f"[{named or len(one.of)}]"
            elif one.key is not None:
                path = below(path, one.key)
        raise _refused(code, path if key is None else below(path, key), line)


def _value(event: yaml.ScalarEvent) -> str | int | bool | None:
    if not event.implicit[0]:
        return str(event.value)
    if _INTEGER.fullmatch(event.value):
        return int(event.value)
    return _PLAIN.get(event.value, str(event.value))


class _KeyTwice(Exception):
    """A JSON object holds a key twice."""


def _from_json(text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            raise _KeyTwice(next(key for key in keys if keys.count(key) > 1))
        return found

    try:
        return _with_tuples(json.loads(text, object_pairs_hook=unique))
    except _KeyTwice as twice:
        raise _refused("standard_key_twice", str(twice)) from None
    except RecursionError:
        raise _refused("standard_too_deep") from None
    except ValueError:
        raise _refused("standard_not_json") from None


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(inner) for key, inner in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value
