"""Consent per use: given and withdrawn by the person alone, every word kept, the last one holds (CT-37, CC-14)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.estate.service import lives_below
from backend.features.people.service import faces, scope_of
from backend.features.privacy import repository
from backend.features.privacy.rules import USES, Use
from backend.platform.outbox import Waker, enqueue

CONSENT_WITHDRAWN: Final = "consent_withdrawn"
"""The job that tells whoever goes by consents that one was withdrawn: `account_id`, `use`, and the word's `number`."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One use, and the last word on it. `since`: when it was said; None: it never was, which is no."""

    use: Use
    given: bool
    since: datetime | None


async def consents_of(work: Work, account_id: UUID) -> list[Consent]:
    """What an account consents to: every use there is, in a fixed order."""
    said = {row.use: row for row in await repository.consents_of(work, account_id)}
    return [
        Consent(use, said[use].given, said[use].at) if use in said else Consent(use, False, None)
        for use in USES
    ]


async def consents_of_resident(
    work: Work, caller: Caller, now: datetime, account_id: UUID
) -> tuple[str | None, list[Consent]]:
    """The name, cut (S3-23), and the consents of somebody who lives in a home in the caller's scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: nobody in the caller's scope.
    """
    scope = await scope_of(work, caller, "see_people", now)
    if not await lives_below(work, scope, account_id):
        raise NotFound()
    [face] = await faces(work, caller, [account_id], now)
    return face.name, await consents_of(work, account_id)


async def say_consent(
    work: Work, waker: Waker, caller: Caller, now: datetime, use: Use, *, given: bool
) -> Consent:
    """The caller's yes or no to a use. Said again, it stands as it was said first."""
    await repository.lock_consents(work, caller.account_id)
    said = {row.use: row for row in await repository.consents_of(work, caller.account_id)}
    last = said.get(use)
    if last is not None and last.given == given:
        return Consent(use, given, last.at)
    number = 1 if last is None else last.number + 1
    await repository.say_consent(work, caller.account_id, use, number, given, now, caller.account_id)
    if last is not None and not given:
        told = {"account_id": str(caller.account_id), "use": use, "number": number}
        await enqueue(work, waker, CONSENT_WITHDRAWN, told)
    return Consent(use, given, now)


async def without_consent(work: Work, use: Use, account_ids: Collection[UUID]) -> dict[UUID, int]:
    """Those of these accounts who do not consent to a use now, with the number of their last word; 0: never asked."""
    ids: Sequence[UUID] = list(account_ids)
    return await repository.without_consent(work, use, ids) if ids else {}
