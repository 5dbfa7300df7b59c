"""A journey put together as JSON: facts as the database gives them, words of the standard they were laid out from.

Joined as text, because phones ask for it all the time: the words are JSON already, and of the facts only a few have to
be made so.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from backend.core.locale import say
from backend.features.journey.service.wording import Wording, day_in_words, quoted
from backend.platform.http.digests import told_tag

_NEXT: Final = 5
_UNKEPT: Final = {"done": "true", "missed": "false"}
_TRUTH: Final = ("false", "true")


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
    promises, sums = _promises(rows, words, shared, project[1:-1])
    return (
        f'{{"ownership_id":"{ownership_id}","home":{_home(facts)},'
        f'"project":{{"id":"{facts["project_id"]}","name":{project}}},'
        f'"standard":{words.standard},"step":{quoted(facts["step"])},"steps":[{_steps(facts, words)}],'
        f'"next":[{_next(rows, words, shared)}],"contact":{_contact(facts, words)},'
        f'"happened":{{"thread":"{facts["thread_id"]}",{facts["lines"][1:]},'
        f'"promises":[{",".join(promises)}],"sums":{quoted(sums)}}}'
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


def _promises(
    rows: Sequence[Any], words: Wording, shared: Wording, project: str
) -> tuple[list[str], dict[str, int]]:
    """Each promise, and their sums."""
    promises = []
    sums = dict.fromkeys(("promised", "kept", "kept_late", "late", "missed", "open", "before_record"), 0)
    for row in rows:
        id_, is_shared, code, step, state, first, due, provisional, done_at, in_time, seen, over, given_up = (
            row
        )
        said_in = shared if is_shared else words
        of = said_in.obligations[code]
        # Whether all of it lay before the record: it was only noted, given up by then, or a limit that had run out.
        before = over and (state == "done" or given_up or of.only_noted)
        sentence = "null"
        if of.promise is not None:
            day = day_in_words(due, said_in.locale)
            sentence = of.promise.replace("{due}", day).replace("{project}", project)
        promises.append(
            f'{{"id":"{id_}","obligation":"{code}","of":"{"project" if is_shared else "ownership"}",'
            f'"name":{of.name},"step":"{step}","promise":{sentence},"responsible":{of.role},"state":"{state}",'
            f'"first_due_on":{_day(first)},"due_on":{_day(due)},"provisional":{_TRUTH[provisional]},'
            f'"done_at":{_text(done_at)},"kept":{"null" if before else _kept(state, in_time)},'
            f'"before_record":{_TRUTH[before]},"owner_sees":{_TRUTH[seen]}}}'
        )
        if first is not None and state != "not_applicable":
            _count(sums, state, before=before, in_time=in_time)
    return promises, sums


def _count(sums: dict[str, int], state: str, *, before: bool, in_time: bool | None) -> None:
    if before:
        sums["before_record"] += 1
        return
    sums["promised"] += 1
    if state == "done":
        sums["kept_late" if in_time is False else "kept"] += 1
    else:
        sums[state if state in sums else "open"] += 1


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


def _day(day: date | None) -> str:
    return "null" if day is None else f'"{day.isoformat()}"'


def _text(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'
