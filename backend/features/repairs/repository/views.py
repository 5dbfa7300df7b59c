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

# A list's row as JSON, put together where it lies. Whether anything of a page has changed is asked by far more phones
# than the page itself: for all who ask it now together, and of as little as tells. Both have the same mark.
_MOMENT: Final = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_NEXT: Final = """LEFT JOIN account e ON e.id = t.engineer_id
    LEFT JOIN LATERAL (
        SELECT k.code, k.due_at, k.first_promise, k.state FROM ticket_clock k
        WHERE k.ticket_id = t.id AND k.state IN ('running', 'paused', 'breached') ORDER BY k.due_at, k.code LIMIT 1
    ) c ON true"""
_MARK: Final = """bit_xor(hash_record_extended(ROW(t.id, t.version, e.name, c.code, c.due_at, c.state), 0)) AS mark,
    count(*) AS found"""


def _page(whose: str, at: str, id_: str, limit: str, live: str) -> str:
    """A query for a page of the tickets that the query `whose` finds, and one more where there is a further page."""
    return f"""SELECT t.* FROM ({whose}) t
        WHERE ({at}::timestamptz IS NULL OR (t.opened_at, t.id) < ({at}, {id_}::uuid))
            AND (NOT {live}::boolean OR t.state NOT IN ({_ENDED}))
        ORDER BY t.opened_at DESC, t.id DESC LIMIT {limit} + 1"""


def _listed(whose: str) -> str:
    """$3: at most so many, $4 and $5: the last of the page before; $6: only what is not over; $7: the states' names in
    the reader's language.
    """
    told = """SELECT %mark%,
    max(t.opened_at) FILTER (WHERE t.nth = $3) AS last_at, (array_agg(t.id) FILTER (WHERE t.nth = $3))[1] AS last_id,
    convert_to(coalesce(string_agg(concat(
        '{"id":"', t.id, '","thread_id":"', t.thread_id, '","ownership_id":"', t.ownership_id,
        '","place":', to_json(t.place), ',"component":', to_json(t.component), ',"urgent":', t.urgent::text,
        ',"state":"', t.state, '","state_words":', ($7::jsonb -> t.state)::text,
        ',"engineer":', coalesce(to_json(e.name)::text, 'null'),
        ',"promise":', CASE WHEN c.code IS NULL THEN 'null' ELSE concat('{"code":"', c.code, '","due_at":"',
            %moment:c.due_at%, '","first_promise":"', %moment:c.first_promise%,
            '","state":"', c.state, '"}') END,
        ',"opened_at":"', %moment:t.opened_at%, '","version":', t.version, '}'
    ), ',' ORDER BY t.nth) FILTER (WHERE t.nth <= $3), ''), 'UTF8') AS items
FROM (SELECT page.*, row_number() OVER (ORDER BY opened_at DESC, id DESC) AS nth FROM (%page%) page) t
"""
    told = re.sub(r"%moment:([\w.]+)%", lambda found: _MOMENT.format(found[1]), told)
    return told.replace("%mark%", _MARK).replace("%page%", _page(whose, "$4", "$5", "$3", "$6")) + _NEXT


def _marked(whose: str) -> str:
    """For all who ask: $1 to $3; $4: the roles, $5: at most so many, $6: only what is not over."""
    page = _page(whose, "asked.at", "asked.id", "$5", "$6")
    return f"""SELECT asked.place, told.mark, told.found
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) WITH ORDINALITY AS asked (account_id, at, id, place)
CROSS JOIN LATERAL (SELECT {_MARK} FROM ({page}) t {_NEXT}) told"""


def _engineers(account: str, roles: str) -> str:
    return f"SELECT * FROM ticket WHERE engineer_id = {account} AND cardinality({roles}::text[]) >= 0"


_LISTS: Final = {
    "owner": (_listed(mine("$1", "$2", "*")), _marked(mine("asked.account_id", "$4", "*"))),
    "staff": (_listed(_engineers("$1", "$2")), _marked(_engineers("asked.account_id", "$4"))),
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
    household: tuple[str, ...],
    limit: int,
    after: tuple[datetime, UUID] | None,
    *,
    live: bool,
) -> tuple[int | None, int]:
    """`Listed.mark` alone: all that "unchanged?" needs."""
    asked = (account_id, *(after or (None, None)))
    [row] = await direct.gathered(_LISTS[kind][1], asked, (household, limit, live))
    return row["mark"], row["found"]
