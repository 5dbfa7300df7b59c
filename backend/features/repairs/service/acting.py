"""One move under way: the ticket, who acts, and what is to be written, told and timed when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.locale import LOCALES, say
from backend.db.work import Work
from backend.features.files.service import use
from backend.features.notices.service import About, Telling, tell_many
from backend.features.repairs.models import Ticket
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules.gates import Standing
from backend.features.repairs.rules.states import Part
from backend.features.repairs.service.clocks import Clocks
from backend.features.repairs.service.parts import HOUSEHOLD
from backend.platform.process import Process
from backend.platform.threads import NewEntry, append_many

SUBJECT = "ticket"
"""The kind of subject a ticket is to its thread, its photos and those who are told of it."""


@dataclass(slots=True)
class Acting:
    """`at`: when it happened, as far as that can be believed; `now`: when it is recorded."""

    process: Process
    work: Work
    caller: Caller
    name: str | None
    now: datetime
    at: datetime
    ticket: Ticket
    parts: frozenset[Part]
    stands: Standing
    clocks: Clocks
    entries: list[NewEntry] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    def change(self, **columns: Any) -> None:
        """What is to change of the ticket itself, written after the evidence that the database asks for."""
        self.changes |= columns

    async def show(self, photos: Sequence[UUID], where: str) -> list[UUID]:
        """Have the ticket show these photos of the caller's, beside those it shows.

        Raises:
            NotFound, Conflict: as `files.service.use`.
        """
        if photos:
            await use(
                self.process,
                self.work,
                self.caller.account_id,
                SUBJECT,
                self.ticket.id,
                list(dict.fromkeys(photos)),
                kind="photo",
                field=where,
                further=True,
            )
        return list(photos)

    def note(self, kind: str, body: Mapping[str, Any], author_id: UUID | None) -> None:
        """A line of what happened, for everybody who sees the ticket."""
        at = self.at if self.at < self.now else None
        self.entries.append(NewEntry(self.ticket.thread_id, kind, dict(body), author_id, at=at))

    def tell(
        self, kind: str, accounts: Sequence[UUID], key: str, data: Mapping[str, str] | None = None
    ) -> None:
        """Tell people when it is made; whoever acts knows already. `data`: words by their name in `locales/ticket`."""
        others = [one for one in accounts if one != self.caller.account_id]
        if others:
            about = About(SUBJECT, self.ticket.id, self.ticket.thread_id)
            said = {name: in_each_language(f"ticket.told_{word}") for name, word in (data or {}).items()}
            self.tellings.append(Telling(kind, others, said, about, f"ticket:{self.ticket.id}:{key}"))

    async def tell_household(self, kind: str, key: str, data: Mapping[str, str] | None = None) -> None:
        """Tell those of the household who see it."""
        self.tell(kind, await tickets.household(self.work, self.ticket, HOUSEHOLD), key, data)

    def tell_engineer(self, kind: str, key: str, data: Mapping[str, str] | None = None) -> None:
        """Tell the one engineer, if somebody is."""
        if self.ticket.engineer_id is not None:
            self.tell(kind, [self.ticket.engineer_id], key, data)

    async def settle(self) -> None:
        """Write what is to be written: the lines, what has changed, the timers, the notices."""
        await append_many(self.work, self.entries)
        await self.work.flush()
        await self.clocks.settle(self.process.waker)
        await tell_many(self.work, self.tellings)


def in_each_language(key: str) -> dict[str, str]:
    """A sentence's words in every language, for a notice."""
    return {locale: say(locale, key) for locale in LOCALES}
