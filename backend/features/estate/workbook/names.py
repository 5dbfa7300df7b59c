"""People's names: one or several in a cell, without what typing and copying left in them."""

import re

from .codes import NoteCode
from .records import Reading
from .text import Cell, is_placeholder, plain, spelled, visible

_SEPARATORS = re.compile(r"[、,,;;/|&+]")
_SHARE = re.compile(r"\(?\d{1,3}(?:\.\d+)?%\)?")
_AND = re.compile(r"(?<=[\u3400-\u9fff]{2})[和与及](?=[\u3400-\u9fff]{2})")
_HAN_ONLY = re.compile(r"[\u3007\u3400-\u9fff\U00020000-\U000323af]+")
_FULL_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{2,4}")
_DOTS = re.compile(r"\s*[·•‧∙⋅・●]\s*")
_COMPOUND = frozenset(
    [
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "太叔",
        "申屠",
        "公孙",
        "慕容",
        "仲孙",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "令狐",
        "轩辕",
        "百里",
        "呼延",
        "东郭",
        "南门",
        "西门",
        "歐陽",
        "司馬",
        "東方",
        "尉遲",
        "諸葛",
        "長孫",
        "軒轅",
    ]
)
_LONGEST = 64


def read_names(cell: Cell, *, phones: int) -> Reading[tuple[str, ...]]:
    """Every name of a cell in its order; none for an empty cell.

    White space inside a Chinese name is dropped, a foreign name keeps single spaces. Separate names stand
    apart by
    、 , / ; & or by lines; by mere spaces only where the row has as many phones (`phones`), otherwise nobody
    can tell one name from two: name_ambiguous.
    """
    raw = spelled(cell)
    seen = visible(raw)
    if is_placeholder(seen):
        return Reading(())
    names: list[str] = []
    text = _DOTS.sub("·", _SHARE.sub("", plain(seen)))
    parts = [part for piece in _SEPARATORS.split(text) for part in _AND.split(piece) if part.strip()]
    if not parts:
        return Reading((), "name_invalid")
    if (
        len(parts) == 2
        and phones < 2
        and "," in text
        and all(re.fullmatch(r"\s*[A-Za-z'-]+\s*", p) for p in parts)
    ):
        return Reading((), "name_ambiguous")
    for part in parts:
        several = _apart(part, phones if len(parts) == 1 else len(parts))
        if several is None:
            return Reading((), "name_ambiguous")
        names.extend(several)
    if any(len(name) > _LONGEST for name in names):
        return Reading((), "text_too_long", {"limit": str(_LONGEST)})
    if not all(_is_name(name) for name in names):
        return Reading((), "name_invalid")
    return Reading(tuple(names), notes=_notes(raw, seen, names))


def _apart(part: str, phones: int) -> list[str] | None:
    lines = [line.strip() for line in part.splitlines() if line.strip()]
    if len(lines) > 1 and all(_FULL_NAME.fullmatch(line) for line in lines):
        return lines
    words = part.split()
    if not _HAN_ONLY.fullmatch("".join(words)):
        return [" ".join(words)]
    if len(words) == 1 or not all(_FULL_NAME.fullmatch(word) for word in words):
        return ["".join(words)]
    if phones == len(words):
        return words
    return ["".join(words)] if len(words) == 2 and words[0] in _COMPOUND else None


def _is_name(name: str) -> bool:
    return (
        any(char.isalpha() for char in name)
        and sum(char.isdigit() for char in name) < 5
        and name[:1] not in "=@<"
    )


def _notes(raw: str, seen: str, names: list[str]) -> tuple[NoteCode, ...]:
    notes: list[NoteCode] = []
    if len(names) > 1:
        notes.append("two_owners_one_cell")
    if seen != raw:
        notes.append("nul_in_name")
    if (
        seen != seen.strip()
        or "\u3000" in seen
        or (len(names) == 1 and len(seen.split()) > len(names[0].split()))
    ):
        notes.append("name_spaces")
    return tuple(notes)
