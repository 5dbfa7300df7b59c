"""Tickets as they are shown: one with its evidence; and the list of one's own, on a connection of its own."""

import re
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text

from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.repairs.models import Ticket
from backend.features.repairs.repository.opening import Home, as_written
from backend.features.repairs.repository.seeing import face, mine
from backend.features.repairs.rules.states import ENDED

_ENDED: Final = ", ".join(f"'{state}'" for state in ENDED)
_ONE: Final = text(
    f"""SELECT t.*, p.name AS project, h.building, h.unit, h.room, e.name AS engineer_name, e.phone AS engineer_phone,
    (SELECT en.body -> 'photos' FROM entry en WHERE en.thread_id = t.thread_id AND en.kind = 'opened'
        ORDER BY en.seq LIMIT 1) AS photos,
    {face("t.engineer_id")} AS engineer_face,
    (SELECT jsonb_agg(jsonb_build_object('item', item, 'absent', absent, 'photos', photos, 'at', at) ORDER BY at, item)
        FROM ticket_tick k WHERE k.ticket_id = t.id AND k.visit = t.visit) AS protections,
    (SELECT to_jsonb(f) FROM ticket_finish f WHERE f.ticket_id = t.id ORDER BY f.visit DESC LIMIT 1) AS finish,
    (SELECT to_jsonb(c) FROM ticket_cleaning c WHERE c.ticket_id = t.id ORDER BY c.visit DESC LIMIT 1) AS cleaning,
    (SELECT to_jsonb(s) FROM ticket_signature s WHERE s.ticket_id = t.id ORDER BY s.visit DESC LIMIT 1) AS signature,
    (SELECT to_jsonb(l) FROM ticket_living l WHERE l.ticket_id = t.id ORDER BY l.asked_at DESC LIMIT 1) AS living,
    (SELECT to_jsonb(r) FROM ticket_rating r WHERE r.ticket_id = t.id) AS rating,
    (SELECT jsonb_agg(jsonb_build_object('from_name', a.name, 'to_name', b.name, 'approved_by', m.name,
            'reason', s.reason, 'words', s.words, 'at', s.at) ORDER BY s.at, s.id)
        FROM succession s JOIN account a ON a.id = s.from_id JOIN account b ON b.id = s.to_id
        JOIN account m ON m.id = s.approver_id WHERE s.ticket_id = t.id) AS successions
FROM ticket t
JOIN project p ON p.node_id = t.project_id
JOIN home h ON h.id = t.home_id
LEFT JOIN account e ON e.id = t.engineer_id
WHERE t.id = :id"""
)

# A list's row as JSON, put together where it lies. $3: at most so many, $4 and $5: the last of the page before; $6:
# only what is not over; $7: the states' names in the reader's language.
_MOMENT: Final = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_PAGE: Final = """
WITH page AS (
    SELECT t.* FROM ticket t WHERE t.id IN (%mine%)
        AND ($4::timestamptz IS NULL OR (t.opened_at, t.id) < ($4, $5::uuid))
        AND (NOT $6::boolean OR t.state NOT IN (%ended%))
    ORDER BY t.opened_at DESC, t.id DESC LIMIT $3 + 1
), shown AS (
    SELECT t.*, row_number() OVER (ORDER BY t.opened_at DESC, t.id DESC) AS nth, e.name AS engineer,
        c.code AS next_code, c.due_at AS next_due, c.first_promise, c.state AS clock_state
    FROM page t LEFT JOIN account e ON e.id = t.engineer_id
    LEFT JOIN LATERAL (
        SELECT k.code, k.due_at, k.first_promise, k.state FROM ticket_clock k
        WHERE k.ticket_id = t.id AND k.state IN ('running', 'paused', 'breached') ORDER BY k.due_at, k.code LIMIT 1
    ) c ON true
)
SELECT bit_xor(hash_record_extended(ROW(id, version, engineer, next_code, next_due, clock_state), 0)) AS mark,
    count(*) AS found"""
_TOLD: Final = """,
    max(opened_at) FILTER (WHERE nth = $3) AS last_at, (array_agg(id) FILTER (WHERE nth = $3))[1] AS last_id,
    convert_to(coalesce(string_agg(concat(
        '{"id":"', id, '","thread_id":"', thread_id, '","ownership_id":"', ownership_id,
        '","place":', to_json(place), ',"component":', to_json(component), ',"urgent":', urgent::text,
        ',"state":"', state, '","state_words":', ($7::jsonb -> state)::text,
        ',"engineer":', coalesce(to_json(engineer)::text, 'null'),
        ',"promise":', CASE WHEN next_code IS NULL THEN 'null' ELSE concat('{"code":"', next_code, '","due_at":"',
            %moment:next_due%, '","first_promise":"', %moment:first_promise%,
            '","state":"', clock_state, '"}') END,
        ',"opened_at":"', %moment:opened_at%, '","version":', version, '}'
    ), ',' ORDER BY nth) FILTER (WHERE nth <= $3), ''), 'UTF8') AS items
FROM shown"""
_OWNERS: Final = mine("$1", "$2", "id")
_ENGINEERS: Final = "SELECT id FROM ticket WHERE engineer_id = $1 AND cardinality($2::text[]) >= 0"


def _filled(template: str, whose: str) -> str:
    filled = template.replace("%mine%", whose).replace("%ended%", _ENDED)
    return re.sub(r"%moment:(\w+)%", lambda found: _MOMENT.format(found[1]), filled)


_LISTS: Final = {
    kind: (_filled(_PAGE + _TOLD, whose), _filled(_PAGE + "\nFROM shown", whose))
    for kind, whose in (("owner", _OWNERS), ("staff", _ENGINEERS))
}


_NO_EVIDENCE: Final = dict.fromkeys(
    ("protections", "finish", "cleaning", "signature", "living", "rating", "successions")
)


class Listed(NamedTuple):
    """A page: its tickets as JSON objects with commas between; `next`: the last one's key when more follow."""

    mark: tuple[int | None, int]
    items: bytes
    next: tuple[datetime, UUID] | None


async def one(work: Work, id_: UUID) -> Any:
    """A ticket that there is, with its evidence."""
    return (await work.execute(_ONE, {"id": id_})).one()


def opened(ticket: Ticket, home: Home, photos: Sequence[str]) -> Any:
    """What `one` would find of a ticket that was written in this moment, without asking."""
    about = {"project": home.project, "building": home.building, "unit": home.unit, "room": home.room}
    engineer = home.engineer(ticket.engineer_id)
    return SimpleNamespace(**as_written(ticket), **about, **engineer, **_NO_EVIDENCE, photos=photos)


async def listed(
    direct: Direct,
    kind: str,
    account_id: UUID,
    household: Sequence[str],
    limit: int,
    after: tuple[datetime, UUID] | None,
    names: str,
    *,
    live: bool,
) -> Listed:
    """A page of an owner's tickets, or of an engineer's own, the newest first. `names`: a JSON object of states."""
    at, id_ = after or (None, None)
    row = await direct.row(_LISTS[kind][0], account_id, list(household), limit, at, id_, live, names)
    assert row is not None, "an aggregate has a row"
    following = (row["last_at"], row["last_id"]) if row["found"] > limit else None
    return Listed((row["mark"], row["found"]), row["items"], following)


async def listed_mark(
    direct: Direct,
    kind: str,
    account_id: UUID,
    household: Sequence[str],
    limit: int,
    after: tuple[datetime, UUID] | None,
    *,
    live: bool,
) -> tuple[int | None, int]:
    """`Listed.mark` alone: all that "unchanged?" needs."""
    at, id_ = after or (None, None)
    row = await direct.row(_LISTS[kind][1], account_id, list(household), limit, at, id_, live)
    assert row is not None, "an aggregate has a row"
    return row["mark"], row["found"]
