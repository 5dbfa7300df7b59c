"""The published price list of a project: what paid work costs there (CT-36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotFound
from backend.db.work import Work
from backend.features.estate.service import lives_below, project_scope
from backend.features.repairs.models.charges import PriceItem, PriceList
from backend.features.repairs.repository import prices as repository


@dataclass(frozen=True, slots=True)
class Price:
    """What one `unit` of something costs, in fen. `code` names it in quotes."""

    code: str
    name: str
    unit: str
    price_fen: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """A price list; number 0 and nothing on it while nobody has published one."""

    project_id: UUID
    number: int
    items: Sequence[Price]
    reason: str | None = None
    published_by: UUID | None = None
    published_at: datetime | None = None


async def prices_seen(
    work: Work, caller: Caller, now: datetime, project_id: UUID, number: int | None
) -> Prices:
    """The list that stands, or an earlier one: for whoever lives there, and for employees in their scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project for them; no list of this number.
    """
    if caller.kind == "owner":
        if not await lives_below(work, [project_id], caller.account_id):
            raise NotFound()
    else:
        await project_scope(work, caller, now, project_id, "see_estate")
    found = await prices_of(work, project_id, number)
    if number is not None and found.number != number:
        raise NotFound()
    return found


async def prices_of(work: Work, project_id: UUID, number: int | None = None) -> Prices:
    """The list of a project that stands, or the one of this number; nobody is asked who they are."""
    held = await repository.price_list(work, project_id, number)
    if held is None:
        return Prices(project_id, 0, ())
    items = [
        Price(one.code, one.name, one.unit, one.price_fen, one.note)
        for one in await repository.items_of(work, project_id, held.number)
    ]
    return Prices(project_id, held.number, items, held.reason, held.published_by, held.published_at)


async def prices_to_set(work: Work, caller: Caller, now: datetime, project_id: UUID) -> Prices:
    """The list that stands of a project whose prices the caller publishes; nobody else does meanwhile.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
    """
    await project_scope(work, caller, now, project_id, "oversee")
    await repository.lock_prices(work, project_id)
    return await prices_of(work, project_id)


async def publish_prices(
    work: Work, caller: Caller, now: datetime, held: Prices, items: Sequence[Price], reason: str
) -> Prices:
    """These are the prices from now on; what was quoted stays as it was quoted. What stood before is kept.

    Raises:
        Invalid: `named_twice`.
    """
    codes: set[str] = set()
    for place, item in enumerate(items):
        if item.code in codes:
            raise Invalid("named_twice", field=f"items.{place}.code")
        codes.add(item.code)
    number = held.number + 1
    made = PriceList(
        project_id=held.project_id,
        number=number,
        reason=reason,
        published_by=caller.account_id,
        published_at=now,
    )
    rows = [
        PriceItem(
            project_id=held.project_id,
            number=number,
            code=item.code,
            place=place,
            name=item.name,
            unit=item.unit,
            price_fen=item.price_fen,
            note=item.note,
        )
        for place, item in enumerate(items)
    ]
    await repository.write_list(work, made, rows)
    return Prices(held.project_id, number, tuple(items), reason, caller.account_id, now)
