"""An engineer's live tickets with all that is needed at the home, in one asyncpg read: polled by every phone."""

import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from backend.db.direct import Direct
from backend.features.field.rules import MOST_TICKETS
from backend.features.repairs.service import ENDED, PROTECTIONS

_EARLIER: Final = 10
_PHOTOS: Final = 50

# The contact stands with the ticket as it was given; an employee who wrote it down may have given none, and then it is
# the owner's. Only live tickets of the account are looked at, so nobody else's number is ever read.
_DAY: Final = f"""WITH mine AS (
    SELECT t.*, (SELECT min(c.due_at) FROM ticket_clock c WHERE c.ticket_id = t.id AND c.state <> 'paused'
        AND c.ended_at IS NULL) AS due
    FROM ticket t WHERE t.engineer_id = $1 AND t.state <> ALL ($2)
    ORDER BY due NULLS LAST, t.id LIMIT {MOST_TICKETS}
)
SELECT t.id, json_build_object(
    'id', t.id, 'version', t.version, 'state', t.state, 'thread', t.thread_id, 'urgent', t.urgent,
    'place', t.place, 'component', t.component, 'trade', t.trade, 'description', t.description,
    'suits', t.suits, 'opened_at', t.opened_at, 'visit', t.visit, 'warranty', t.cover,
    'home', json_build_object('id', h.id, 'project', p.name, 'building', h.building, 'unit', h.unit,
        'room', h.room, 'layout', h.layout),
    'contact', coalesce(
        CASE WHEN t.contact_phone IS NOT NULL
            THEN json_build_object('name', t.contact_name, 'phone', t.contact_phone) END,
        (SELECT json_build_object('name', a.name, 'phone', a.phone) FROM household_member m
            JOIN account a ON a.id = m.account_id
            WHERE m.ownership_id = t.ownership_id AND m.role = 'owner' AND m.ended_at IS NULL
            ORDER BY m.id LIMIT 1),
        json_build_object('name', t.contact_name, 'phone', null)),
    'appointment', (SELECT json_build_object('starts_at', a.starts_at, 'ends_at', a.ends_at)
        FROM appointment a WHERE a.ticket_id = t.id AND a.outcome = 'agreed'),
    'checks', (SELECT json_agg(json_build_object('item', given.item, 'state', CASE WHEN k.item IS NULL THEN 'open'
            WHEN k.absent THEN 'absent' ELSE 'done' END, 'photos', coalesce(k.photos, '{{}}')) ORDER BY given.place)
        FROM unnest($3::text[]) WITH ORDINALITY AS given (item, place)
        LEFT JOIN ticket_tick k ON k.ticket_id = t.id AND k.visit = t.visit AND k.item = given.item),
    'promises', (SELECT coalesce(json_agg(json_build_object('code', c.code, 'state', c.state, 'due_at', c.due_at,
            'first_promise', c.first_promise) ORDER BY c.due_at, c.code), '[]')
        FROM ticket_clock c WHERE c.ticket_id = t.id AND c.ended_at IS NULL),
    'photos', (SELECT coalesce(json_agg(u.file_id ORDER BY u.file_id), '[]') FROM (
        SELECT file_id FROM file_use WHERE subject_kind = 'ticket' AND subject_id = t.id
        ORDER BY file_id DESC LIMIT {_PHOTOS}) u),
    'earlier', (SELECT coalesce(json_agg(json_build_object('ticket', e.id, 'component', e.component,
            'place', e.place, 'state', e.state, 'opened_at', e.opened_at, 'ended_at', e.ended_at,
            'done', (SELECT f.words FROM ticket_finish f WHERE f.ticket_id = e.id ORDER BY f.visit DESC LIMIT 1))
            ORDER BY e.opened_at DESC, e.id), '[]')
        FROM (SELECT * FROM ticket e WHERE e.home_id = t.home_id AND e.id <> t.id
            ORDER BY e.opened_at DESC, e.id LIMIT {_EARLIER}) e)
)::text AS body
FROM mine t JOIN home h ON h.id = t.home_id JOIN project p ON p.node_id = t.project_id
ORDER BY t.due NULLS LAST, t.id"""


@dataclass(frozen=True, slots=True)
class Written:
    """A ticket as the database writes it: the same text as long as nothing in it has changed."""

    id: UUID
    text: str

    def body(self) -> dict[str, Any]:
        """It, read. `photos` are ids of files."""
        read: dict[str, Any] = json.loads(self.text)
        return read


async def live_tickets(direct: Direct, account_id: UUID) -> list[Written]:
    """The live tickets of an engineer, whichever promise is due first at the head; at most `MOST_TICKETS`."""
    rows = await direct.fetch(_DAY, account_id, list(ENDED), list(PROTECTIONS))
    return [Written(row["id"], row["body"]) for row in rows]
