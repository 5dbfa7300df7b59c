"""Telling households that a warranty ends: two months ahead, with what to look for, and on the day (WR-13 to WR-15).

It is the deed that keeps the journey's promise of the same day; whom it does not reach stays somebody's task there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.locale import LOCALES
from backend.db.work import Work
from backend.features.journey.service import Deed, fulfil_promises
from backend.features.notices.service import About, Telling, Value, tell_many
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees
from backend.features.standard.service import stored
from backend.features.warranty.repository import notices as repository
from backend.features.warranty.service.following import NOTICE
from backend.features.warranty.service.wording import Names, checks, joined
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import DueTimer, NewTimer, schedule_many

_SEE_DATES: Final = [role for role in HOUSEHOLD_ROLES if household_sees(role, "dates")]
_AGAIN: Final = timedelta(seconds=1)

_PROMISES: Final = {"ending": "warranty-notice", "ended": "warranty-expiry-notice"}
"""The obligations of the standard that these notices keep."""


async def tell_households(work: Work, waker: Waker, now: datetime, timers: Sequence[DueTimer]) -> None:
    """Tell what is due. Waits for nobody: what somebody else holds is looked at again a moment later."""
    ids = [UUID(timer.key) for timer in timers]
    found = await repository.free(work, ids)
    again = [NewTimer(NOTICE, str(one), now + _AGAIN, {}) for one in set(ids) - {one.id for one in found}]
    await schedule_many(work, waker, again)
    due = [one for one in found if one.state == "planned"]
    if not due:
        return
    readers = await repository.readers(work, [one.ownership_id for one in due], _SEE_DATES)
    parts = await _parts(work, due)
    reached = [one for one in due if one.ownership_id in readers]
    await tell_many(
        work,
        [
            Telling(
                f"warranty_{one.kind}",
                readers[one.ownership_id],
                await _words(work, one, parts[one.home_id, one.ends_on]),
                About("warranty", one.ownership_id),
                f"warranty:{one.id}",
            )
            for one in reached
        ],
    )
    people = {one.id: len(readers.get(one.ownership_id, ())) for one in due}
    await repository.write_told(work, now, people)
    deeds = [
        Deed(one.ownership_id, _PROMISES[one.kind], one.due_on, {"kind": "notice", "id": str(one.id)})
        for one in reached
    ]
    await fulfil_promises(work, waker, now, deeds)
    await append_many(work, [_entry(one, parts[one.home_id, one.ends_on], people[one.id]) for one in due])


async def _parts(work: Work, due: Sequence[Any]) -> Mapping[tuple[UUID, date], list[tuple[str, Names]]]:
    """What ends on a day in a home: codes with their names."""
    found: dict[tuple[UUID, date], list[tuple[str, Names]]] = defaultdict(list)
    for row in await repository.ending(work, list({one.home_id for one in due})):
        document = (await stored(work, row.standard_version_id)).document
        name = Names.of(document, row.component, row.name)
        found[row.home_id, row.ends_on].append((row.component, name))
    return found


async def _words(work: Work, one: Any, parts: Sequence[tuple[str, Names]]) -> dict[str, Value]:
    words: dict[str, Value] = {
        "project": one.project,
        "home": " ".join(part for part in (one.building, one.unit, one.room) if part),
        "day": one.ends_on.isoformat(),
        "parts": {locale: joined(locale, [name.told(locale) for _, name in parts]) for locale in LOCALES},
    }
    if one.kind == "ending":
        document = (await stored(work, one.standard_version_id)).document
        lines = checks(document, one.fitout)
        words["checks"] = {
            locale: "\n".join(f"· {line.told(locale)}" for line in lines or [name for _, name in parts])
            for locale in LOCALES
        }
    return words


def _entry(one: Any, parts: Sequence[tuple[str, Names]], people: int) -> NewEntry:
    """The line of it on the journey; that nobody could be told is for employees."""
    body = {
        "notice": one.kind,
        "ends_on": one.ends_on.isoformat(),
        "components": [code for code, _ in parts],
        "people": people,
    }
    if not people:
        return NewEntry(one.thread_id, "warranty_untold", body, None, "staff")
    return NewEntry(one.thread_id, "warranty_told", body, None)
