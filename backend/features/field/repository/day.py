"""An engineer's live tickets with all that is needed at the home, in one asyncpg read: polled by every phone.

What a ticket says is put together where it lies, and goes to the phone as it is.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.db.direct import Direct
from backend.features.field.rules import MOST_TICKETS
from backend.features.repairs.service import ENDED, PROTECTIONS, State

GAP: Final = "\x01"
"""Where something is filled in that the database does not know: JSON never holds this character as it is."""


def _at(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


_GAP: Final = f"chr({ord(GAP)})"
_ENDED: Final = ", ".join(f"'{state}'" for state in ENDED)
_EARLIER: Final = 10
_PHOTOS: Final = 50

# The contact stands with the ticket as it was given; an employee who wrote it down may have given none, and then it is
# the owner's. Only live tickets of the account are looked at, so nobody else's number is ever read.
_DAY: Final = f"""WITH mine AS (
    SELECT t.*, (SELECT min(c.due_at) FROM ticket_clock c WHERE c.ticket_id = t.id AND c.state <> 'paused'
        AND c.ended_at IS NULL) AS due
    FROM ticket t WHERE t.engineer_id = $1 AND t.state NOT IN ({_ENDED})
    ORDER BY due NULLS LAST, t.id LIMIT {MOST_TICKETS}
)
SELECT t.id, t.state, concat('{{"id":"', t.id, '","version":', t.version, ',"state":"', t.state, '","moves":', {_GAP},
    ',"thread":"', t.thread_id, '","urgent":', t.urgent::text, ',"place":', to_json(t.place),
    ',"component":', to_json(t.component), ',"trade":', to_json(t.trade), ',"description":', to_json(t.description),
    ',"suits":', t.suits, ',"opened_at":"', {_at("t.opened_at")}, '","visit":', t.visit,
    ',"home":', json_build_object('id', h.id, 'project', p.name, 'building', h.building, 'unit', h.unit,
        'room', h.room, 'layout', h.layout),
    ',"contact":', coalesce(
        CASE WHEN t.contact_phone IS NOT NULL
            THEN json_build_object('name', t.contact_name, 'phone', t.contact_phone) END,
        (SELECT json_build_object('name', a.name, 'phone', a.phone) FROM household_member m
            JOIN account a ON a.id = m.account_id
            WHERE m.ownership_id = t.ownership_id AND m.role = 'owner' AND m.ended_at IS NULL
            ORDER BY m.id LIMIT 1),
        json_build_object('name', t.contact_name, 'phone', null)),
    ',"appointment":', coalesce((SELECT json_build_object('starts_at', {_at("a.starts_at")},
        'ends_at', {_at("a.ends_at")}) FROM appointment a WHERE a.ticket_id = t.id AND a.outcome = 'agreed'), 'null'),
    ',"warranty":', t.cover,
    ',"checks":', (SELECT json_agg(json_build_object('item', given.item, 'state', CASE WHEN k.item IS NULL THEN 'open'
            WHEN k.absent THEN 'absent' ELSE 'done' END, 'photos', coalesce(k.photos, '{{}}')) ORDER BY given.place)
        FROM unnest($2::text[]) WITH ORDINALITY AS given (item, place)
        LEFT JOIN ticket_tick k ON k.ticket_id = t.id AND k.visit = t.visit AND k.item = given.item),
    ',"promises":', (SELECT coalesce(json_agg(json_build_object('code', c.code, 'state', c.state, 'due_at',
            {_at("c.due_at")}, 'first_promise', {_at("c.first_promise")}) ORDER BY c.due_at, c.code), '[]')
        FROM ticket_clock c WHERE c.ticket_id = t.id AND c.ended_at IS NULL),
    ',"photos":', {_GAP}, (SELECT string_agg(u.file_id::text, ',' ORDER BY u.file_id) FROM (
        SELECT file_id FROM file_use WHERE subject_kind = 'ticket' AND subject_id = t.id
        ORDER BY file_id DESC LIMIT {_PHOTOS}) u), {_GAP},
    ',"earlier":', (SELECT coalesce(json_agg(json_build_object('ticket', e.id, 'component', e.component,
            'place', e.place, 'state', e.state, 'opened_at', {_at("e.opened_at")}, 'ended_at', {_at("e.ended_at")},
            'done', (SELECT f.words FROM ticket_finish f WHERE f.ticket_id = e.id ORDER BY f.visit DESC LIMIT 1))
            ORDER BY e.opened_at DESC, e.id), '[]')
        FROM (SELECT * FROM ticket e WHERE e.home_id = t.home_id AND e.id <> t.id
            ORDER BY e.opened_at DESC, e.id LIMIT {_EARLIER}) e)
, '}}') AS body
FROM mine t JOIN home h ON h.id = t.home_id JOIN project p ON p.node_id = t.project_id
ORDER BY t.due NULLS LAST, t.id"""


@dataclass(frozen=True, slots=True)
class Written:
    """A ticket as JSON with `GAP`s, the same text as long as nothing in it has changed.

    In the first belongs what its engineer may do; between the second and third stand the ids of its photos, by commas.
    """

    id: UUID
    state: State
    text: str


async def live_tickets(direct: Direct, account_id: UUID) -> list[Written]:
    """The live tickets of an engineer, whichever promise is due first at the head; at most `MOST_TICKETS`."""
    rows = await direct.fetch(_DAY, account_id, list(PROTECTIONS))
    return [Written(row["id"], row["state"], row["body"]) for row in rows]
