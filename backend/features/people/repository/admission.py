"""Bringing many people into their households in a handful of statements: an import's hot path."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

# Missing facts are filled in; what is on record is never overwritten by a sheet.
_ACCOUNTS = text(
    """
    INSERT INTO account (id, kind, name, phone, identity_sealed, identity_index)
    SELECT id, 'owner', name, phone, identity_sealed, identity_index
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:phones AS text[]),
        CAST(:sealed AS bytea[]), CAST(:indexes AS bytea[])
    ) AS given (id, name, phone, identity_sealed, identity_index)
    ON CONFLICT (phone) WHERE kind = 'owner' DO UPDATE
    SET name = coalesce(account.name, excluded.name),
        identity_sealed = coalesce(account.identity_sealed, excluded.identity_sealed),
        identity_index = coalesce(account.identity_index, excluded.identity_index),
        version = account.version + 1
    WHERE (account.name IS NULL AND excluded.name IS NOT NULL)
       OR (account.identity_sealed IS NULL AND excluded.identity_sealed IS NOT NULL)
    RETURNING id
    """
)

_BY_PHONE = text(
    "SELECT phone, id FROM account WHERE kind = 'owner' AND phone = ANY (CAST(:phones AS text[]))"
)

_BY_NAME = text(
    """
    SELECT m.ownership_id, a.name, a.id FROM household_member m JOIN account a ON a.id = m.account_id
    WHERE m.ownership_id = ANY (CAST(:ownership_ids AS uuid[])) AND m.ended_at IS NULL AND m.role = 'owner'
      AND a.phone IS NULL
    """
)

_MEMBERS = text(
    """
    INSERT INTO household_member (id, ownership_id, account_id, role, position, since)
    SELECT id, ownership_id, account_id, 'owner', position, :now
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:ownership_ids AS uuid[]), CAST(:account_ids AS uuid[]), CAST(:positions AS int[])
    ) AS given (id, ownership_id, account_id, position)
    ON CONFLICT (ownership_id, account_id) WHERE ended_at IS NULL DO NOTHING
    RETURNING id
    """
)


async def write_accounts(work: Work, columns: Mapping[str, Sequence[Any]]) -> int:
    """Make or complete owner accounts, by phone. Returns how many rows changed."""
    return len((await work.execute(_ACCOUNTS, columns)).all())


async def ids_by_phone(work: Work, phones: Sequence[str]) -> dict[str, UUID]:
    """The owner accounts of these phones."""
    return {row.phone: row.id for row in await work.execute(_BY_PHONE, {"phones": phones})}


async def ids_by_name(work: Work, ownership_ids: Sequence[UUID]) -> dict[tuple[UUID, str], UUID]:
    """The owners of these households who have no phone, by name."""
    rows = await work.execute(_BY_NAME, {"ownership_ids": ownership_ids})
    return {(row.ownership_id, row.name): row.id for row in rows}


async def write_members(work: Work, columns: Mapping[str, Sequence[Any]], now: datetime) -> int:
    """Make these accounts owners of these households, those that are not already. Returns how many were not."""
    return len((await work.execute(_MEMBERS, {**columns, "now": now})).all())
