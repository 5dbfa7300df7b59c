"""Price lists in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text

from backend.db.work import Work
from backend.features.repairs.models.charges import PriceItem, PriceList

_LOCK = text("SELECT FROM project WHERE node_id = :project_id FOR NO KEY UPDATE")


async def price_list(work: Work, project_id: UUID, number: int | None = None) -> PriceList | None:
    """A price list of a project: this one, or the one that stands."""
    wanted = select(PriceList).where(PriceList.project_id == project_id)
    if number is not None:
        wanted = wanted.where(PriceList.number == number)
    return await work.scalar(wanted.order_by(PriceList.number.desc()).limit(1))


async def items_of(work: Work, project_id: UUID, number: int) -> Sequence[PriceItem]:
    """Its prices, in their order."""
    wanted = select(PriceItem).where(PriceItem.project_id == project_id, PriceItem.number == number)
    return (await work.scalars(wanted.order_by(PriceItem.place))).all()


async def lock_prices(work: Work, project_id: UUID) -> None:
    """Let nobody else publish prices of this project until the transaction ends."""
    await work.execute(_LOCK, {"project_id": project_id})


async def write_list(work: Work, made: PriceList, items: Sequence[PriceItem]) -> None:
    """Publish a list."""
    work.add(made)
    await work.flush()
    if items:
        columns = ("project_id", "number", "code", "place", "name", "unit", "price_fen", "note")
        await work.execute(
            insert(PriceItem), [{name: getattr(item, name) for name in columns} for item in items]
        )
