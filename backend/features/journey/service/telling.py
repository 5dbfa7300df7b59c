"""A journey put together as JSON: facts as the database gives them, words of the standard they were laid out from.

Joined as text, because phones ask for it all the time: the words are JSON already, and of the facts only a few have to
be made so.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from backend.core.locale import say
from backend.features.journey.service.wording import Wording, day_in_words, quoted
from backend.platform.http.etags import told_tag

_NEXT: Final = 5
_UNKEPT: Final = {"done": "true", "missed": "false"}


class Contact(NamedTuple):
    """Who holds a role nearest to the home."""

    role: str
    account_id: Any
    name: str


def contact_of(head: Any, words: Wording) -> Contact | None:
    """The owner's one contact (CT-31) in the present step: of the roles in order the first that somebody holds."""
    held = {found[0]: Contact(*found) for found in head["contacts"] or ()}
    return next((held[role] for role in words.contacts[head["step"]] if role in held), None)


def tag_of(head: Any, words: Wording, shared: Wording, shape: str) -> str:
    """The weak entity tag: it changes when something changes that this asker sees, in this language, in this shape.

    Time alone changes nothing: what turns with it is written down when it does.
    """
    return told_tag(
        shape, words.locale, words.mark, shared.mark, head["step"], contact_of(head, words), head["mark"]
    )


def told(ownership_id: Any, facts: Any, words: Wording, shared: Wording) -> bytes:
    """The whole answer as UTF-8 JSON, shaped as `schemas.Timeline`."""
    rows: Sequence[Any] = facts["promises"] or ()
    # The project's name goes into sentences that are JSON already.
    project = quoted(facts["project"])
    promises = [_promise(row, shared if row[1] else words, project[1:-1]) for row in rows]
    return (
        f'{{"ownership_id":"{ownership_id}","home":{_home(facts)},'
        f'"project":{{"id":"{facts["project_id"]}","name":{project}}},'
        f'"standard":{words.standard},"step":{quoted(facts["step"])},"steps":[{_steps(facts, words)}],'
        f'"next":[{_next(rows, words, shared)}],"contact":{_contact(facts, words)},'
        f'"happened":{{"thread":"{facts["thread_id"]}",{facts["lines"][1:]},'
        f'"promises":[{",".join(promises)}],"sums":{quoted(_sums(rows, words, shared))}}}'
    ).encode()


def _home(facts: Any) -> str:
    return quoted({name: facts[name] for name in ("building", "unit", "room")})


def _steps(facts: Any, words: Wording) -> str:
    present: Mapping[str, str | None] = {"in_order": facts["step"], "of_project": facts["shared_step"]}
    # The project's journey may go by another standard, whose step is none of these.
    begun = any(code == facts["shared_step"] for code, _, _ in words.steps)
    state = {"in_order": "passed", "of_project": "passed" if begun else "ahead"}
    parts = []
    for code, kind, told in words.steps:
        if kind == "under_all":
            parts.append(f'{told},"state":"current"}}')
        elif code == present[kind]:
            parts.append(f'{told},"state":"current"}}')
            state[kind] = "ahead"
        else:
            parts.append(f'{told},"state":"{state[kind]}"}}')
    return ",".join(parts)


def _promise(row: Any, words: Wording, project: str) -> str:
    id_, is_shared, code, step, state, first, due, provisional, done_at, in_time, seen = row[:11]
    of = words.obligations[code]
    before = _before_record(row, words)
    sentence = (
        "null"
        if of.promise is None
        else of.promise.replace("{due}", day_in_words(due, words.locale)).replace("{project}", project)
    )
    return (
        f'{{"id":"{id_}","obligation":"{code}","of":"{"project" if is_shared else "ownership"}","name":{of.name},'
        f'"step":"{step}","promise":{sentence},"responsible":{of.role},"state":"{state}",'
        f'"first_due_on":{_day(first)},"due_on":{_day(due)},"provisional":{_truth(provisional)},'
        f'"done_at":{_text(done_at)},"kept":{"null" if before else _kept(state, in_time)},'
        f'"before_record":{_truth(before)},"owner_sees":{_truth(seen)}}}'
    )


def _before_record(row: Any, words: Wording) -> bool:
    """Whether all of it lay before the record: it was only noted, given up by then, or a limit that had run out."""
    over, given_up = row[11:]
    return over and (row[4] == "done" or given_up or words.obligations[row[2]].only_noted)


def _kept(state: str, in_time: bool | None) -> str:
    return "false" if in_time is False else _UNKEPT.get(state, "null")


def _next(rows: Sequence[Any], words: Wording, shared: Wording) -> str:
    """Rows come by their days, so the first ones are next."""
    ahead = [row for row in rows if row[4] in {"due", "coming"} and row[6] is not None][:_NEXT]
    return ",".join(
        f'{{"id":"{row[0]}","name":{(shared if row[1] else words).obligations[row[2]].name},'
        f'"due_on":"{row[6]}","state":"{row[4]}"}}'
        for row in ahead
    )


def _contact(facts: Any, words: Wording) -> str:
    """Nobody there: the way to the project is left; where it has no number that is a gap, and shown (CT-40)."""
    contact = contact_of(facts, words)
    reach = {name: facts[name] for name in ("hotline", "service_centre", "service_hours")}
    if contact is None:
        return quoted({"name": None, "role": None, **reach})
    role = {"code": contact.role, "name": say(words.locale, f"role.{contact.role}")}
    return quoted({"name": contact.name, "role": role, **reach})


def _sums(rows: Sequence[Any], words: Wording, shared: Wording) -> dict[str, int]:
    sums = dict.fromkeys(("promised", "kept", "kept_late", "late", "missed", "open", "before_record"), 0)
    for row in rows:
        state, first, in_time = row[4], row[5], row[9]
        if first is None or state == "not_applicable":
            continue
        if _before_record(row, shared if row[1] else words):
            sums["before_record"] += 1
            continue
        sums["promised"] += 1
        if state == "done":
            sums["kept_late" if in_time is False else "kept"] += 1
        else:
            sums[state if state in sums else "open"] += 1
    return sums


def _day(day: Any) -> str:
    return "null" if day is None else f'"{day}"'


def _text(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'


def _truth(value: bool) -> str:
    return "true" if value else "false"
