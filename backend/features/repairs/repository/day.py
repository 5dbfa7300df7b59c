"""An engineer's day: what their phone asks for again and again, so all of it is one statement, and its JSON too."""

from datetime import datetime
from typing import Final
from uuid import UUID

from backend.db.direct import Direct
from backend.db.words import listed
from backend.features.repairs.rules.states import ENDED

_ENDED: Final = listed(ENDED)


def _at(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


# The contact is the owner's, and an engineer has it while the ticket lives.
_TICKET: Final = f"""'ticket', t.id, 'thread', t.thread_id, 'version', t.version, 'state', t.state, 'urgent', t.urgent,
    'project', p.name, 'building', h.building, 'unit', h.unit, 'room', h.room, 'place', t.place,
    'component', t.component, 'description', t.description,
    'contact_name', CASE WHEN t.state NOT IN ({_ENDED}) THEN t.contact_name END,
    'contact_phone', CASE WHEN t.state NOT IN ({_ENDED}) THEN t.contact_phone END,
    'clock', CASE WHEN k.code IS NOT NULL THEN json_build_object('code', k.code, 'due_at', {_at("k.due_at")},
        'state', k.state) END"""
_JOINED: Final = """JOIN home h ON h.id = t.home_id JOIN project p ON p.node_id = t.project_id
    LEFT JOIN LATERAL (SELECT c.code, c.due_at, c.state FROM ticket_clock c WHERE c.ticket_id = t.id
        AND c.state IN ('running', 'breached') ORDER BY c.due_at, c.code LIMIT 1) k ON true"""

_DAY: Final = f"""SELECT asked.place, visits.told AS visits, waiting.told AS waiting
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (account_id, place)
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('appointment', a.id, 'starts_at', {_at("a.starts_at")},
        'ends_at', {_at("a.ends_at")}, 'outcome', a.outcome, {_TICKET}) ORDER BY a.starts_at, a.id), '[]')::text AS told
    FROM appointment a JOIN ticket t ON t.id = a.ticket_id {_JOINED}
    WHERE a.engineer_id = asked.account_id AND t.engineer_id = asked.account_id
        AND a.starts_at >= $2 AND a.starts_at < $3
) visits
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(one.told ORDER BY one.urgent DESC, one.due_at NULLS LAST, one.opened_at, one.id),
        '[]')::text AS told
    FROM (
        SELECT json_build_object({_TICKET}) AS told, t.urgent, k.due_at, t.opened_at, t.id
        FROM ticket t {_JOINED}
        WHERE t.engineer_id = asked.account_id AND t.state NOT IN ({_ENDED})
            AND NOT EXISTS (SELECT FROM appointment a WHERE a.ticket_id = t.id AND a.outcome = 'agreed')
        ORDER BY t.urgent DESC, k.due_at NULLS LAST, t.opened_at, t.id LIMIT 200
    ) one
) waiting"""


async def day(direct: Direct, account_id: UUID, since: datetime, until: datetime) -> tuple[str, str]:
    """The visits of an engineer that begin within a time, and their live tickets without one: JSON, in order."""
    [row] = await direct.gathered(_DAY, (account_id,), (since, until))
    return row["visits"], row["waiting"]
