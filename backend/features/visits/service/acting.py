"""One act on a visit: who acts and may, the visit locked, and what is to be written and told when it is done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import SHANGHAI, local_date
from backend.core.errors import Conflict, NotAllowed, NotFound
from backend.core.locale import LOCALES, say
from backend.db.work import Work
from backend.features.notices.service import About, Telling, tell_many
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees, roles_that_may
from backend.features.roster.service import on_duty_at
from backend.features.standard.service import stored
from backend.features.visits.models import Visit
from backend.features.visits.repository import visits as repository
from backend.features.visits.rules.answers import Sheet, sheet_of
from backend.features.visits.rules.kinds import Kind
from backend.features.visits.rules.states import LIVE
from backend.features.visits.service.planning import SUBJECT
from backend.features.warranty.service import concerns
from backend.platform.process import Process
from backend.platform.threads import NewEntry, append_many

HOUSEHOLD: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "repairs"))
MAKE: Final = tuple(roles_that_may("make_visits"))
SEE: Final = tuple(dict.fromkeys((*MAKE, *roles_that_may("oversee"))))
"""Of a household: who sees its visits. Of employees: who makes visits over their node, and who sees them."""


_ANSWERS_FOR_ALL: Final = "head_of_customer_relations"


@dataclass(slots=True)
class Acting:
    """An act under way. `makes`: the caller may make the visit, and has not handled its matter."""

    process: Process
    work: Work
    caller: Caller
    now: datetime
    visit: Visit
    makes: bool
    fitout: str | None
    entries: list[NewEntry] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)

    def note(self, kind: str, body: Mapping[str, Any], *, at: datetime | None = None) -> None:
        """A line of what happened, for everybody who sees the visit; `at`: when, where that was earlier."""
        moment = at if at is not None and at < self.now else None
        self.entries.append(
            NewEntry(self.visit.thread_id, kind, dict(body), self.caller.account_id, at=moment)
        )

    def tell(self, accounts: Collection[UUID], key: str, word: str, **words: str) -> None:
        """Tell people what has become of it; whoever acts knows already. `word`: by its name in `locales/visit`."""
        others = sorted(set(accounts) - {self.caller.account_id})
        if others:
            about = About(SUBJECT, self.visit.id, self.visit.thread_id)
            what = in_each_language(f"visit.told_{word}", **words)
            key = f"visit:{self.visit.id}:{key}"
            self.tellings.append(Telling("return_visit_news", others, {"what": what}, about, key))

    async def other_side(self) -> Sequence[UUID]:
        """Whom an act of the caller concerns: who makes the visit, or whom it is for."""
        if self.caller.kind == "owner":
            return await desk_of(self.work, self.now, self.visit)
        return await repository.household(self.work, self.visit.id, HOUSEHOLD)

    def require_maker(self) -> None:
        """Only who may make the visit goes on.

        Raises:
            NotAllowed: `not_your_visit`.
            Conflict: `handler_may_not_visit` (CT-30).
        """
        if self.caller.account_id in self.visit.barred:
            raise Conflict("handler_may_not_visit")
        if not self.makes:
            raise NotAllowed("not_your_visit")

    def require_live(self) -> None:
        """It is still to be made.

        Raises:
            Conflict: `visit_over`.
        """
        if self.visit.state not in LIVE:
            raise Conflict("visit_over", present={"state": self.visit.state})

    async def sheet(self) -> Sheet:
        """What the visit asks."""
        return await sheet_for(self.work, self.visit.standard_version_id, self.visit.kind, self.fitout)

    async def settle(self) -> None:
        """Write what is to be written: the visit, its lines, the notices."""
        await self.work.flush()
        await append_many(self.work, self.entries)
        await tell_many(self.work, self.tellings)


async def acting_on(
    process: Process, work: Work, caller: Caller, now: datetime, visit_id: UUID, version: int | None = None
) -> Acting:
    """A visit that the caller sees, locked to be acted on; `version`: only as they have seen it.

    Raises:
        NotFound: they see none.
        Conflict: `visit_changed`.
    """
    visit = await repository.lock(work, visit_id)
    if visit is None:
        raise NotFound()
    found = await standing(work, caller, now, visit_id)
    if version is not None and version != visit.version:
        raise Conflict("visit_changed", present={"version": visit.version, "state": visit.state})
    makes = caller.kind == "staff" and found.makes and caller.account_id not in visit.barred
    return Acting(process, work, caller, now, visit, makes, found.fitout)


async def standing(work: Work, caller: Caller, now: datetime, visit_id: UUID) -> Any:
    """How the caller stands to a visit that there is.

    Raises:
        NotFound: they do not see it.
    """
    found = await repository.facts(
        work,
        {
            "id": visit_id,
            "account_id": caller.account_id,
            "household": list(HOUSEHOLD),
            "see": list(SEE),
            "make": list(MAKE),
            "today": local_date(now),
        },
    )
    if not (found.lives if caller.kind == "owner" else found.sees):
        raise NotFound()
    return found


async def sheet_for(work: Work, version_id: UUID | None, kind: Kind, fitout: str | None) -> Sheet:
    """What a kind of visit asks by a version of the standard, of a home of this fit-out."""
    standard = None if version_id is None else (await stored(work, version_id)).document
    concerned = {one for one in (None, "full", "bare") if concerns(one, fitout)}
    return sheet_of(standard, kind, concerned)


async def desk_of(work: Work, now: datetime, visit: Visit) -> list[UUID]:
    """Who is to hear of a visit among employees: whom it was given, or who is on duty in its role; none barred."""
    return (await desks_of(work, now, [visit]))[visit.id]


async def desks_of(work: Work, now: datetime, visits: Sequence[Visit]) -> dict[UUID, list[UUID]]:
    """`desk_of` for many in one look. Where nobody is on duty, who answers for the customer's relations there."""
    waiting = [one for one in visits if one.visitor_id is None]
    wanted = {(one.node_id, role) for one in waiting for role in (one.role, _ANSWERS_FOR_ALL)}
    duty = await on_duty_at(work, wanted, now) if wanted else {}
    found: dict[UUID, list[UUID]] = {}
    for one in visits:
        if one.visitor_id is not None:
            found[one.id] = [one.visitor_id]
            continue
        on_duty = [
            sorted({each.account_id for each in duty.get((one.node_id, role), ())} - {*one.barred})
            for role in (one.role, _ANSWERS_FOR_ALL)
        ]
        found[one.id] = on_duty[0] or on_duty[1]
    return found


def in_each_language(key: str, **words: str) -> dict[str, str]:
    """A sentence in every language, for a notice."""
    return {locale: say(locale, key, **words) for locale in LOCALES}


def spoken(moment: datetime) -> str:
    """A moment as notices say it: the local day and time."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
