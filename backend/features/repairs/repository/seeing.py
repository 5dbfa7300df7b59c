"""Who sees a ticket, as conditions in SQL: asked with every page of a thread, and by every list.

The household of the ownership it was reported in, as far as its roles see repairs, and whoever reported it while they
belong to it; so at a resale it ends. The engineer while it is theirs. Other employees by position.
"""

from typing import Final


def owner_sees(account: str, roles: str) -> str:
    """For a ticket `t`: whether an owner's account sees it. `roles` of a household see all of its repairs."""
    return f"""EXISTS (SELECT FROM household_member m JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
        WHERE m.ownership_id = t.ownership_id AND m.account_id = {account} AND m.ended_at IS NULL
            AND (m.role = ANY ({roles}) OR t.reporter_id = {account}))"""


def holds(account: str, roles: str, today: str) -> str:
    """For a ticket `t`: whether an employee holds one of these roles at its node or above."""
    return f"""EXISTS (SELECT FROM node n JOIN position s ON s.node_id = ANY (n.path)
        WHERE n.id = t.node_id AND s.account_id = {account} AND s.role = ANY ({roles})
            AND s.since <= {today} AND (s.until IS NULL OR s.until > {today}))"""


def staff_see(account: str, roles: str, today: str) -> str:
    """For a ticket `t`: whether an employee sees it: it is theirs, or in the scope of `roles`."""
    return f"(t.engineer_id = {account} OR {holds(account, roles, today)})"


def face(account: str) -> str:
    """The photo of an employee's face: its file's id and sizes; null: there is none."""
    return f"""(SELECT jsonb_build_object('id', f.id, 'sizes', f.sizes) FROM file_use u JOIN file f ON f.id = u.file_id
        WHERE u.subject_kind = 'face' AND u.subject_id = {account} AND f.state = 'ready'
        ORDER BY f.created_at DESC LIMIT 1)"""


def mine(account: str, roles: str, column: str) -> str:
    """A query for a column of all that `owner_sees`, along the index of homes; each once."""
    return f"""SELECT t.{column} FROM household_member m
    JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
    JOIN ticket t ON t.ownership_id = o.id
    WHERE m.account_id = {account} AND m.ended_at IS NULL AND (m.role = ANY ({roles}) OR t.reporter_id = {account})"""


# For threads, on asyncpg.
OWNER_SEES: Final = f"SELECT true FROM ticket t WHERE t.id = $1 AND {owner_sees('$2', '$3')}"
STAFF_SEE: Final = f"SELECT true FROM ticket t WHERE t.id = $1 AND {staff_see('$2', '$3', '$4')}"
OWNERS: Final = mine("$1", "$2", "thread_id")
ENGINEERS: Final = (
    "SELECT t.thread_id FROM ticket t WHERE t.engineer_id = $1 AND t.state NOT IN ('closed', 'cancelled')"
)

# For faces: whether somebody is the engineer of a repair that an owner sees.
SERVED_BY: Final = f"{mine('$1', '$2', 'id')} AND t.engineer_id = $3 LIMIT 1"
