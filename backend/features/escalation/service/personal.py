"""How I want to be called, beyond what the company's policy demands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from backend.core.caller import Caller
from backend.core.errors import Invalid
from backend.db.work import Work
from backend.features.escalation.personal import LATEST, MOST, Again, fault_of
from backend.features.escalation.repository import personal as repository

_MINUTE: Final = timedelta(minutes=1)


async def rules_of_mine(work: Work, caller: Caller) -> list[Again]:
    """The caller's own rules."""
    found = await repository.rules_of(work, [caller.account_id])
    return read(found.get(caller.account_id, []))


async def set_rules_of_mine(work: Work, caller: Caller, now: datetime, again: Sequence[Again]) -> None:
    """Choose anew, all at once.

    Raises:
        Invalid: `PersonalFault`.
    """
    if (fault := fault_of(again)) is not None:
        code, place = fault
        raise Invalid(code, field=f"again.{place}", most=MOST, latest=LATEST // _MINUTE)
    written = [{"after": one.after // _MINUTE, "by": list(one.by)} for one in again]
    await repository.put_rules(work, caller.account_id, written, now)


def read(written: Sequence[dict[str, object]]) -> list[Again]:
    """Rules as they were written."""
    return [Again(one["after"] * _MINUTE, tuple(one["by"])) for one in written]  # type: ignore[operator,arg-type]  # our own
