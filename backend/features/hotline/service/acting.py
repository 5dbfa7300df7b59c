"""One move under way: the case, who acts, and what is to be written, told and timed when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.locale import LOCALES, say
from backend.db.work import Work
from backend.features.hotline.models import Case
from backend.features.hotline.repository import cases
from backend.features.hotline.rules.gates import Standing
from backend.features.hotline.rules.states import Part
from backend.features.hotline.service.clocks import Clocks
from backend.features.hotline.service.parts import HOUSEHOLD
from backend.features.notices.service import About, Telling, Value, tell_many
from backend.platform.process import Process
from backend.platform.threads import Audience, NewEntry, append_many, set_direct

SUBJECT: Final = "case"
"""The kind of subject a case is to its thread, its photos and those who are told of it."""


@dataclass(slots=True)
class Acting:
    """`parts`: those in which the caller acts. Rows that a move writes go into `work`; the case changes by `change`.

    `direct`: whether people's lines go on the thread as they come from now on; None: as before.
    """

    process: Process
    work: Work
    caller: Caller
    name: str | None
    now: datetime
    case: Case
    parts: frozenset[Part]
    stands: Standing
    clocks: Clocks
    entries: list[NewEntry] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    direct: bool | None = None

    def change(self, **columns: Any) -> None:
        """What is to change of the case itself, written after the evidence that the database asks for."""
        self.changes |= columns

    def note(
        self,
        kind: str,
        body: Mapping[str, Any],
        author_id: UUID | None,
        *,
        audience: Audience = "all",
        at: datetime | None = None,
    ) -> None:
        """A line of what happened; for everybody who sees the case, unless it is for staff. `at`: where earlier."""
        self.entries.append(
            NewEntry(self.case.thread_id, kind, dict(body), author_id, audience=audience, at=at)
        )

    def tell(
        self, kind: str, accounts: Sequence[UUID], key: str, data: Mapping[str, Value] | None = None
    ) -> None:
        """Tell people when it is made; whoever acts knows already."""
        others = [one for one in accounts if one != self.caller.account_id]
        if others:
            about = About(SUBJECT, self.case.id, self.case.thread_id)
            told = f"case:{self.case.id}:{self.case.version}:{key}"
            self.tellings.append(Telling(kind, others, dict(data or {}), about, told))

    async def tell_household(self, word: str) -> None:
        """Tell those of the household who see it that it has moved: `told_<word>` of `locales/case`."""
        people = await cases.household(self.work, self.case.id, HOUSEHOLD)
        what = in_each_language(f"case.told_{word}")
        self.tell("case_moved", people, word, {"number": self.case.number, "what": what})

    def tell_responsible(self, word: str) -> None:
        """Tell whoever has it that it has moved, if somebody does."""
        if self.case.responsible_id is not None:
            what = in_each_language(f"case.told_{word}")
            told: dict[str, Value] = {"number": self.case.number, "what": what}
            self.tell("case_moved", [self.case.responsible_id], word, told)

    async def settle(self) -> None:
        """Write what is to be written: the lines, what has changed, the timers, the notices."""
        # The thread before its chains, as whoever answers a page takes them.
        if self.direct is not None:
            await set_direct(self.work, self.case.thread_id, self.direct)
        await append_many(self.work, self.entries)
        await self.clocks.settle(self.process.waker)
        await self.work.flush()
        await tell_many(self.work, self.tellings)


def in_each_language(key: str) -> dict[str, str]:
    """A sentence's words in every language, for a notice."""
    return {locale: say(locale, key) for locale in LOCALES}
