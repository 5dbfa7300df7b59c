"""Homes of a workbook against the estate on record: the same judgement when a file is read and when it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backend.db.work import Work
from backend.features.estate.repository import placing
from backend.features.estate.rules import (
    HOME_FACTS,
    OWNERSHIP_FACTS,
    HomeFacts,
    OwnerFacts,
    Standing,
    Verdict,
    sort_key,
    weigh,
)
from backend.features.estate.workbook import HomeRecord
from backend.features.people.service import Member, people_of


@dataclass(frozen=True, slots=True)
class Weighed:
    """A home of the workbook with what stands in its place, or None. `free_from`: when its last ownership ended."""

    record: HomeRecord
    sort_key: str
    verdict: Verdict
    home_id: UUID | None = None
    ownership_id: UUID | None = None
    on_record: HomeFacts | None = None
    free_from: date | None = None


async def weigh_all(
    work: Work, project_id: UUID | None, records: Sequence[HomeRecord], *, today: date, lock: bool = False
) -> list[Weighed]:
    """Each record's verdict, in their order. With `lock`, what it rests on stays so until the transaction ends."""
    if not records:
        return []
    keys = [sort_key(record.building_key, record.unit_key, record.room_key) for record in records]
    found: dict[int, Any] = {}
    contracts: dict[str, Any] = {}
    if project_id is not None:
        places = [
            (key, record.building_key, record.unit_key, record.room_key)
            for key, record in zip(keys, records, strict=True)
        ]
        found = await placing.standing(work, project_id, places, lock=lock)
        contracts = await placing.contracts(
            work, project_id, [record.contract_no for record in records if record.contract_no]
        )
    names = await placing.names_of(
        work, [owner.phone for record in records for owner in record.owners if owner.phone]
    )
    people = await people_of(work, [row.ownership_id for row in found.values() if row.ownership_id])
    weighed = []
    for index, record in enumerate(records):
        row = found.get(index)
        on_record = _on_record(row, people) if row is not None else None
        standing = Standing(
            present=on_record,
            owned=row is not None and row.ownership_id is not None,
            contract_at=_contract_at(contracts.get(record.contract_no or ""), row),
            names=names,
        )
        weighed.append(
            Weighed(
                record=record,
                sort_key=keys[index],
                verdict=weigh(_said(record), standing, today=today),
                home_id=row.home_id if row is not None else None,
                ownership_id=row.ownership_id if row is not None else None,
                on_record=on_record,
                free_from=row.free_from if row is not None else None,
            )
        )
    return weighed


def _said(record: HomeRecord) -> HomeFacts:
    return HomeFacts(
        home={name: getattr(record, name) for name in HOME_FACTS},
        ownership={name: getattr(record, name) for name in OWNERSHIP_FACTS},
        owners=tuple(OwnerFacts(owner.name, owner.phone) for owner in record.owners),
    )


def _on_record(row: Any, people: dict[UUID, list[Member]]) -> HomeFacts:
    owners = [member for member in people.get(row.ownership_id, []) if member.role == "owner"]
    return HomeFacts(
        home={name: getattr(row, name) for name in HOME_FACTS},
        ownership={name: getattr(row, name) for name in OWNERSHIP_FACTS},
        owners=tuple(OwnerFacts(member.name, member.phone) for member in owners),
    )


def _contract_at(holder: Any | None, row: Any | None) -> Any:
    if holder is None:
        return None
    if row is None or holder.home_id != row.home_id:
        return "elsewhere"
    return "here" if holder.ended_on is None else "past"
