"""Bringing people in from a workbook, and giving one value in clear to whoever may reveal it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.ids import new_id
from backend.core.sealing import Sealer
from backend.db.work import Work
from backend.features.people.repository import accounts, admission

IDENTITY_PURPOSE = "account.identity"


@dataclass(frozen=True, slots=True)
class Person:
    """An owner as a contract names them. `phone` in E.164; `identity` as printed on the card."""

    name: str
    phone: str | None
    identity: str | None


async def admit_many(
    work: Work, sealer: Sealer, households: Sequence[tuple[UUID, Sequence[Person]]], *, now: datetime
) -> int:
    """Make these people the owners of these ownerships. Run again with the same people it changes nothing.

    A person with a phone is the account of that phone; one without is found by name within the household. Returns how
    many rows changed.
    """
    by_phone = {person.phone: person for _, people in households for person in people if person.phone}
    changed = await _write_people(work, sealer, list(by_phone.values())) if by_phone else 0
    ids = await admission.ids_by_phone(work, list(by_phone))

    unreachable = [(o, person) for o, people in households for person in people if not person.phone]
    known = await admission.ids_by_name(work, [o for o, _ in unreachable]) if unreachable else {}
    fresh = {(o, person.name): person for o, person in unreachable if (o, person.name) not in known}
    if fresh:
        made = [new_id() for _ in fresh]
        changed += await _write_people(work, sealer, list(fresh.values()), made)
        known.update(zip(fresh, made, strict=True))

    members: dict[str, list[Any]] = {"ids": [], "ownership_ids": [], "account_ids": [], "positions": []}
    for ownership_id, people in households:
        for position, person in enumerate(people):
            members["ids"].append(new_id())
            members["ownership_ids"].append(ownership_id)
            members["account_ids"].append(
                ids[person.phone] if person.phone else known[ownership_id, person.name]
            )
            members["positions"].append(position)
    return changed + (await admission.write_members(work, members, now) if members["ids"] else 0)


async def _write_people(
    work: Work, sealer: Sealer, people: Sequence[Person], ids: Sequence[UUID] | None = None
) -> int:
    return await admission.write_accounts(
        work,
        {
            "ids": ids or [new_id() for _ in people],
            "names": [person.name for person in people],
            "phones": [person.phone for person in people],
            "sealed": [
                sealer.seal(person.identity, purpose=IDENTITY_PURPOSE) if person.identity else None
                for person in people
            ],
            "indexes": [
                sealer.digest(person.identity, purpose=IDENTITY_PURPOSE) if person.identity else None
                for person in people
            ],
        },
    )


async def value_of(work: Work, sealer: Sealer, account_id: UUID, field: str) -> str | None:
    """The `phone`, `name` or `identity` of an account, in clear. Only for a reveal that is written down."""
    account = await accounts.account(work, account_id)
    if account is None:
        return None
    match field:
        case "phone":
            return account.phone
        case "name":
            return account.name
        case "identity":
            sealed = account.identity_sealed
            return sealer.open(sealed, purpose=IDENTITY_PURPOSE) if sealed else None
    raise ValueError(field)


async def reseal_identities(work: Work, sealer: Sealer, *, limit: int) -> int:
    """Seal with the current key up to `limit` identity numbers that an older key sealed. Returns how many were."""
    stale = await accounts.identities_not_under(work, sealer.current, limit)
    for account in stale:
        assert account.identity_sealed is not None
        text = sealer.open(account.identity_sealed, purpose=IDENTITY_PURPOSE)
        account.identity_sealed = sealer.seal(text, purpose=IDENTITY_PURPOSE)
    await work.flush()
    return len(stale)
