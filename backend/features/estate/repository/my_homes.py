"""A person's own homes: the list a phone asks for most, so it is one statement whose JSON PostgreSQL builds."""

from datetime import date
from uuid import UUID

from backend.db.direct import Direct
from backend.features.estate.rules import DATES, FIRST_STAGE, STAGES

_REACHED = " ".join(f"WHEN o.{field} <= $2 THEN '{name}'" for field, name in STAGES)
_STAGE = f"CASE {_REACHED} ELSE '{FIRST_STAGE}' END"
_DATES = ", ".join(f"'{field}', o.{field}" for field in DATES)

_MY_HOMES = f"""
SELECT convert_to(json_build_object('items', coalesce(json_agg(json_build_object(
    'id', h.id,
    'ownership_id', o.id,
    'role', m.role,
    'building', h.building,
    'unit', h.unit,
    'room', h.room,
    'layout', h.layout,
    'area', h.area,
    'fitout', h.fitout,
    'project', json_build_object('id', p.node_id, 'name', p.name, 'phase', p.phase, 'address', p.address,
        'service_centre', p.service_centre, 'hotline', p.hotline, 'service_hours', p.service_hours),
    'stage', CASE WHEN m.role = ANY ($3) THEN {_STAGE} END,
    'dates', CASE WHEN m.role = ANY ($3) THEN json_build_object({_DATES}) END,
    'contract_no', CASE WHEN m.role = ANY ($4) THEN o.contract_no END
) ORDER BY p.name, h.sort_key, h.id), '[]'))::text, 'UTF8') AS body
FROM household_member m
JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
JOIN home h ON h.id = o.home_id
JOIN project p ON p.node_id = h.project_id
WHERE m.account_id = $1 AND m.ended_at IS NULL
"""


async def my_homes(
    direct: Direct, account_id: UUID, *, today: date, dates_roles: list[str], contract_roles: list[str]
) -> bytes:
    """`{"items": [...]}` as UTF-8 JSON: every home the account belongs to now, each by what its role there may see."""
    row = await direct.row(_MY_HOMES, account_id, today, dates_roles, contract_roles)
    assert row is not None
    body: bytes = row["body"]
    return body
