"""What is asked at a visit, whether all of it was, and what the answers say. Pure.

A2 asks of each standard action that the owner sees whether it was done (RV-18), A3 how good it was (RV-19). The method
gives no wording and no scale: an action is asked about by its own name, and 1 to 5 stars are ours, as for repairs.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from backend.core.errors import Fault
from backend.features.standard.document import Label, Line, Standard
from backend.features.visits.rules.kinds import MAKES, Kind, Mode

Part = Literal["script", "check", "A2", "A3"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)

LOW: Final = 2
"""So many stars or fewer are a low answer, which opens a case again. The method sets no number (GP-03); ours."""

JUDGED: Final[frozenset[Kind]] = frozenset({"repair", "complaint"})
"""Kinds at which the owner says whether they accept the result (HC-39)."""


@dataclass(frozen=True, slots=True)
class Action:
    """A standard action that A2 and A3 ask about."""

    code: str
    name: Label
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a visit asks: the script's questions and the checklist's items by their number from 1, and the actions."""

    questions: Mapping[int, Line]
    checks: Mapping[int, Line]
    actions: Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to a question of the script."""

    line: int
    said: str
    yes: bool | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """An item of the checklist as it was found; `words` where it is not sound."""

    line: int
    sound: bool
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A2: whether an action was done; None: they cannot say."""

    action: str
    done: bool | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A3: how good it was, 1 to 5."""

    action: str
    stars: int


@dataclass(frozen=True, slots=True)
class Given:
    """Everything that was answered."""

    answers: Sequence[Said] = ()
    checks: Sequence[Checked] = ()
    done: Sequence[Done] = ()
    scored: Sequence[Scored] = ()


def sheet_of(standard: Standard | None, kind: Kind, concerned: Collection[str | None]) -> Sheet:
    """What a kind of visit asks by a standard; without one, nothing.

    `concerned`: the fit-outs of a checklist's items that concern this home, None among them.
    """
    if standard is None:
        return Sheet({}, {}, {})
    make = MAKES[kind]
    questions = next((one.questions for one in standard.scripts if one.code == make.script), ())
    items = next((one.items for one in standard.checklists if one.code == make.checklist), ())
    step = next((one.step for one in standard.obligations if one.code == make.obligation), None)
    return Sheet(
        dict(enumerate(questions, 1)),
        {place: item for place, item in enumerate(items, 1) if item.fitout in concerned},
        {
            one.code: Action(one.code, one.name, one.rules)
            for one in standard.obligations
            if one.step == step
            and one.of == "ownership"
            and one.owner_sees
            and one.responsible is not None
            and one.code != make.obligation
        },
    )


def answer_faults(
    kind: Kind, sheet: Sheet, given: Given, *, mode: Mode, accepted: bool | None, photos: int
) -> tuple[Fault, ...]:
    """What is missing or wrong of a visit's answers.

    Codes: `answer_missing`, `check_missing`, `line_unknown`, `named_twice`, `words_missing`, `action_unknown`,
    `photo_missing`, `accepted_missing`, `at_home_only`.
    """
    make = MAKES[kind]
    found: list[Fault] = []
    if make.house and mode != "house":
        found.append(Fault("mode", "at_home_only", {}))
    found += _lines("answers", [one.line for one in given.answers], sheet.questions, "answer_missing")
    found += _lines("checks", [one.line for one in given.checks], sheet.checks, "check_missing")
    found += [
        Fault(f"checks.{place}.words", "words_missing", {})
        for place, one in enumerate(given.checks)
        if not one.sound and one.words is None
    ]
    for field, codes in (
        ("done", [one.action for one in given.done]),
        ("scored", [one.action for one in given.scored]),
    ):
        counted = Counter(codes)
        for place, code in enumerate(codes):
            if code not in sheet.actions:
                found.append(Fault(f"{field}.{place}.action", "action_unknown", {}))
            elif counted[code] > 1:
                found.append(Fault(f"{field}.{place}.action", "named_twice", {}))
    if make.photos and not photos:
        found.append(Fault("photos", "photo_missing", {}))
    if kind in JUDGED and accepted is None:
        found.append(Fault("accepted", "accepted_missing", {}))
    return tuple(found)


def _lines(field: str, given: Sequence[int], wanted: Collection[int], missing: str) -> Iterable[Fault]:
    counted = Counter(given)
    for place, line in enumerate(given):
        if line not in wanted:
            yield Fault(f"{field}.{place}.line", "line_unknown", {})
        elif counted[line] > 1:
            yield Fault(f"{field}.{place}.line", "named_twice", {})
    for line in wanted:
        if line not in counted:
            yield Fault(field, missing, {"line": line})


def made_at_fault(
    at: datetime, late_reason: str | None, *, planned_at: datetime, now: datetime, day: date, today: date
) -> Fault | None:
    """What is wrong with when a visit is said to have been made; of an earlier day it is a late entry (CT-45).

    Codes: `done_in_future`, `before_it_was_planned`, `late_reason_required`.
    """
    if at > now:
        return Fault("at", "done_in_future", {})
    if at < planned_at:
        return Fault("at", "before_it_was_planned", {})
    if day < today and late_reason is None:
        return Fault("late_reason", "late_reason_required", {})
    return None


def is_low(accepted: bool | None, stars: int | None) -> bool:
    """Whether a visit says that the matter is not settled: not accepted, or found bad."""
    return accepted is False or (stars is not None and stars <= LOW)
