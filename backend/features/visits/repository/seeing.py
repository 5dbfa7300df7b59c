"""Who sees a visit `v`, as conditions in SQL: asked with its thread, its photos, every list.

Whom it is for, and the household of the ownership, while it is theirs; a visit about a case of one person is that
person's alone. Employees: by position over its node; whoever holds its role there; and whoever makes it; never whom
its subject is about.
"""

from typing import Final


def owner_sees(account: str, roles: str) -> str:
    """Whether an owner's account sees it."""
    return f"""(v.contact_id = {account} AND v.subject_kind = 'case'
        OR (v.subject_kind <> 'case' OR v.contact_id IS NULL) AND EXISTS (SELECT FROM household_member m
            JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
            WHERE m.ownership_id = v.ownership_id AND m.account_id = {account} AND m.ended_at IS NULL
                AND m.role = ANY ({roles})))"""


def theirs(account: str) -> str:
    """A query for all visits that could be an owner's, along the indexes of contacts and of homes."""
    return f"""SELECT x.id FROM visit x WHERE x.contact_id = {account}
        UNION SELECT x.id FROM household_member m JOIN visit x ON x.ownership_id = m.ownership_id
        WHERE m.account_id = {account} AND m.ended_at IS NULL"""


def holds(account: str, roles: str, today: str) -> str:
    """Whether an employee holds one of these roles at its node or above."""
    return f"""EXISTS (SELECT FROM node n JOIN position s ON s.node_id = ANY (n.path)
        WHERE n.id = v.node_id AND s.account_id = {account} AND s.role = ANY ({roles})
            AND s.since <= {today} AND (s.until IS NULL OR s.until > {today}))"""


def makes(account: str, roles: str, today: str) -> str:
    """Whether an employee may make it: by a role that makes visits, by its own role, or because it was given them."""
    return f"(coalesce(v.visitor_id = {account}, false) OR {holds(account, f'({roles} || v.role)', today)})"


def staff_see(account: str, roles: str, today: str) -> str:
    """Whether an employee sees it; never whom its subject is about."""
    return f"({not_hidden(account)} AND {makes(account, roles, today)})"


def not_hidden(account: str) -> str:
    """Whether what it is about is not kept from an employee."""
    return f"""NOT EXISTS (SELECT FROM visit_hidden x WHERE x.subject_kind = v.subject_kind
        AND x.subject_id = v.subject_id AND x.account_id = {account})"""


# For threads, on asyncpg.
OWNER_SEES: Final = f"SELECT true FROM visit v WHERE v.id = $1 AND {owner_sees('$2', '$3::text[]')}"
STAFF_SEE: Final = f"SELECT true FROM visit v WHERE v.id = $1 AND {staff_see('$2', '$3::text[]', '$4')}"
OWNERS: Final = (
    f"SELECT v.thread_id FROM visit v WHERE v.id IN ({theirs('$1')}) AND {owner_sees('$1', '$2::text[]')}"
)
VISITORS: Final = (
    "SELECT v.thread_id FROM visit v WHERE v.visitor_id = $1 AND v.state IN ('planned', 'booked')"
)
