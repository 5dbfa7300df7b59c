"""Who sees a conversation, as conditions in SQL: asked with every page of a thread, and by every list.

An owner sees their own as long as they belong to its home's household (without a home: to any in its project), and what
the household shares when their role in it may. So at a resale, and when somebody leaves, it ends; the next owner never
sees what the one before said. Staff see by position: those who answer the hotline there, and whoever takes part.
"""

from typing import Final

_LIVES: Final = """SELECT FROM household_member m JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
    WHERE m.account_id = {account} AND m.ended_at IS NULL AND """


def owner_sees(account: str, roles: str) -> str:
    """For a conversation `c`: whether an owner's account sees it. `roles` of a household share what it talks about."""
    lives = _LIVES.format(account=account)
    return f"""({_own(account)}
    OR c.shared AND EXISTS ({lives} m.ownership_id = c.ownership_id AND m.role = ANY ({roles})))"""


def owners(account: str, roles: str, column: str) -> str:
    """A query for a column of all that `owner_sees`, along the indexes of an account and of its homes; each once."""
    return f"""SELECT c.{column} FROM conversation c WHERE {_own(account)}
    UNION SELECT c.{column} FROM household_member m
    JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
    JOIN conversation c ON c.ownership_id = o.id AND c.shared
    WHERE m.account_id = {account} AND m.ended_at IS NULL AND m.role = ANY ({roles})"""


def _own(account: str) -> str:
    lives = _LIVES.format(account=account)
    return f"""c.account_id = {account} AND (
        EXISTS ({lives} m.ownership_id = c.ownership_id)
        OR c.ownership_id IS NULL AND EXISTS ({lives} o.project_id = c.project_id))"""


def staff_see(account: str, roles: str, today: str) -> str:
    """For a conversation `c`: whether an employee sees it. `roles` answer the hotline."""
    return f"""EXISTS (
        SELECT FROM node n JOIN position s ON s.node_id = ANY (n.path)
        WHERE n.id = c.node_id AND s.account_id = {account}
            AND s.since <= {today} AND (s.until IS NULL OR s.until > {today})
            AND (s.role = ANY ({roles}) OR EXISTS ({takes_part(account)})))"""


def takes_part(account: str) -> str:
    """For a conversation `c`: a query that finds whether an employee holds it or helps now."""
    return (
        f"SELECT FROM participant t WHERE t.conversation_id = c.id AND t.account_id = {account}"
        " AND t.until IS NULL AND t.part <> 'owner'"
    )


# For threads, on asyncpg.
OWNER_SEES: Final = f"SELECT true FROM conversation c WHERE c.id = $1 AND {owner_sees('$2', '$3')}"
STAFF_SEE: Final = f"SELECT true FROM conversation c WHERE c.id = $1 AND {staff_see('$2', '$3', '$4')}"
OWNERS: Final = owners("$1", "$2", "thread_id")
STAFFS: Final = (
    "SELECT DISTINCT c.thread_id FROM participant mine JOIN conversation c ON c.id = mine.conversation_id"
    f" WHERE mine.account_id = $1 AND mine.until IS NULL AND {staff_see('$1', '$2', '$3')}"
)
