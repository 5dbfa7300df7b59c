"""A home's warranty for its household and for employees: asked often, so all of its facts are one statement."""

from typing import Any, Final
from uuid import UUID

from backend.db.direct import Direct
from backend.features.people.service import Asker
from backend.features.warranty.repository.ledger import TERM

_TERM = ", ".join(f"i.{name}" for name in TERM)
_AT_HOME = """EXISTS (SELECT FROM household_member m WHERE m.ownership_id = o.id
    AND m.account_id = asked.account_id AND m.ended_at IS NULL AND m.role = ANY ($3))"""
_IN_SCOPE = """EXISTS (SELECT FROM node n WHERE n.id = h.building_id AND n.path && $3::uuid[])"""


def _sql(access: str) -> str:
    return f"""
SELECT asked.place, told.*
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (ownership_id, account_id, place)
CROSS JOIN LATERAL (
    SELECT h.building, h.unit, h.room, h.fitout,
        (SELECT array_agg(ROW(i.component, {_TERM}) ORDER BY i.rank) FROM warranty_item i
            WHERE i.home_id = o.home_id) AS items,
        (SELECT i.standard_version_id FROM warranty_item i WHERE i.home_id = o.home_id LIMIT 1) AS version_id,
        (SELECT array_agg(ROW(n.kind, n.ends_on, n.due_on, n.state, n.told_at) ORDER BY n.due_on, n.kind)
            FROM warranty_notice n WHERE n.ownership_id = o.id AND n.state IN ('planned', 'told', 'unreachable')
        ) AS notices
    FROM ownership o JOIN home h ON h.id = o.home_id
    WHERE o.id = asked.ownership_id AND {access} LIMIT 1
) told"""


_SQL: Final = {"household": _sql(_AT_HOME), "staff": _sql(_IN_SCOPE)}


async def warranty(direct: Direct, ownership_id: UUID, asker: Asker) -> Any | None:
    """A home's warranty as the asker sees it; None when there is none for them."""
    found = await direct.gathered(_SQL[asker.who], (ownership_id, asker.account_id), (asker.by,))
    return found[0] if found else None
