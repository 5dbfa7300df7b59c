"""Who sees a case, as conditions in SQL: asked with every page of a thread, and by every list.

The household of the home it is about, as far as its roles see cases, and whoever brought it while they belong to it;
so at a resale it ends. Of employees: by position, whoever has it or wrote it down, and holders of the position that
answers for it, and of those that are informed of it (HC-21); never whom it is about.
"""

from typing import Final


def owner_sees(account: str, roles: str) -> str:
    """For a case `c`: whether an owner's account sees it. `roles` of a household see all cases of its home."""
    return f"""(c.ownership_id IS NULL AND c.reporter_id = {account}
        OR EXISTS (SELECT FROM household_member m JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
            WHERE m.ownership_id = c.ownership_id AND m.account_id = {account} AND m.ended_at IS NULL
                AND (m.role = ANY ({roles}) OR c.reporter_id = {account})))"""


def not_barred(account: str) -> str:
    """For a case `c`: whether an employee is not kept from it."""
    return f"NOT EXISTS (SELECT FROM case_bar b WHERE b.case_id = c.id AND b.account_id = {account})"


def holds(account: str, roles: str, today: str) -> str:
    """For a case `c`: whether an employee holds one of these roles at its node or above."""
    return f"""EXISTS (SELECT FROM node n JOIN position s ON s.node_id = ANY (n.path)
        WHERE n.id = c.node_id AND s.account_id = {account} AND s.role = ANY ({roles})
            AND s.since <= {today} AND (s.until IS NULL OR s.until > {today}))"""


def staff_see(account: str, roles: str, today: str) -> str:
    """For a case `c`: whether an employee sees it."""
    held = holds(account, f"array_append({roles}, c.responsible_role)", today)
    told = holds(account, "ARRAY(SELECT jsonb_array_elements_text(c.informed_roles))", today)
    return f"""({not_barred(account)} AND (c.responsible_id = {account} OR c.opened_by = {account} OR {held}
        OR c.informed_roles <> '[]' AND {told}))"""


def mine(account: str, roles: str, column: str) -> str:
    """A query for a column of all that `owner_sees`, along the indexes; each once."""
    return f"""SELECT c.{column} FROM household_member m
    JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
    JOIN hotline_case c ON c.ownership_id = o.id
    WHERE m.account_id = {account} AND m.ended_at IS NULL AND (m.role = ANY ({roles}) OR c.reporter_id = {account})
    UNION SELECT c.{column} FROM hotline_case c WHERE c.reporter_id = {account} AND c.ownership_id IS NULL"""


# For threads, on asyncpg.
OWNER_SEES: Final = f"SELECT true FROM hotline_case c WHERE c.id = $1 AND {owner_sees('$2', '$3')}"
STAFF_SEE: Final = f"SELECT true FROM hotline_case c WHERE c.id = $1 AND {staff_see('$2', '$3', '$4')}"
OWNERS: Final = mine("$1", "$2", "thread_id")
HOLDERS: Final = f"""SELECT c.thread_id FROM hotline_case c WHERE c.responsible_id = $1
    AND c.state NOT IN ('closed', 'merged', 'passed_on') AND {not_barred("$1")}"""
