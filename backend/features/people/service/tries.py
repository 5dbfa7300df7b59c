"""Counting tries at an employee's password, wherever it is asked for: five failures, then a pause that grows."""

from backend.core.errors import TooMany
from backend.db.work import Work
from backend.features.people.repository import staff
from backend.features.people.rules import LOCKOUT_WINDOW, locked_until
from backend.platform.process import Process


async def begin_try(process: Process, work: Work, employee_no: str, address: str) -> int:
    """Write a try down as a failure before anything is looked at, and commit.

    So of many at the same moment no more than the allowed few are looked at. One that is refused because of the lockout
    does not lengthen it. Whoever succeeds says so with `staff.attempt_succeeded`.

    Raises:
        TooMany: `locked_for_now`.
    """
    now = process.clock.now()
    attempt = await staff.write_attempt(work, employee_no, address, now)
    await work.commit()
    against = await staff.failures(
        work, employee_no, address, besides=attempt, now=now, window=LOCKOUT_WINDOW
    )
    until = locked_until(against)
    if until is not None and until > now:
        await staff.withdraw_attempt(work, attempt)
        await work.commit()
        raise TooMany("locked_for_now", retry_after=max(1, round((until - now).total_seconds())))
    return attempt
