"""The clocks of a case as its moves start, stop, hold and end them (CT-05). Values are the standard's, frozen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.service import Promises
from backend.features.hotline.models import Case, CaseClock
from backend.features.hotline.repository.clocks import clocks_of
from backend.features.hotline.rules import clocks as rules

CLOCK: Final = "case_clock"
"""The kind of timer at which a clock is looked at: a warning, or its due time."""


@dataclass(slots=True)
class Clocks(Promises[CaseClock]):
    """All clocks of one case."""

    TIMER: ClassVar = CLOCK
    GOES_ON: ClassVar = rules.GOES_ON

    case: Case

    @classmethod
    def begin(cls, work: Work, case: Case, now: datetime, by: UUID) -> "Clocks":
        """Those of a case that is new."""
        return cls(work, now, by, case.node_id, case.standard_version_id, [], case)

    @classmethod
    async def of(cls, work: Work, case: Case, now: datetime, by: UUID | None) -> "Clocks":
        """Those of a case that is locked."""
        rows = list(await clocks_of(work, case.id))
        return cls(work, now, by, case.node_id, case.standard_version_id, rows, case)

    def new(self, **columns: Any) -> CaseClock:
        """A clock of the case, of the round it is in."""
        clock = CaseClock(case_id=self.case.id, round=self.case.round, **columns)
        self.work.add(clock)
        return clock

    def urgent(self) -> bool:
        """Whether it has been classed so."""
        return self.case.severity == "urgent"

    def pointless(self) -> Collection[str]:
        """Those that could be kept to nobody."""
        about = {"contactable": self.case.contactable, "common_part": self.case.common_part}
        return [code for code in rules.ENDS if not rules.owed(code, **about)]
