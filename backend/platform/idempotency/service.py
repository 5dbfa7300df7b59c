"""Claiming a key, keeping the answer, giving it again.

The key's row is written first, in the request's own transaction: a repeat at the same moment waits on it until the
first has committed (and then finds the answer) or rolled back (and then is the first itself).
"""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from backend.core.errors import Conflict, Invalid
from backend.core.sealing import Sealer
from backend.db.work import Work

_KEY = re.compile(r"[\x21-\x7e]{1,100}")
_PURPOSE = "idempotency_key.body"


@dataclass(frozen=True, slots=True)
class Asked:
    """A keyed request: whose, under which key, and a digest of what was asked."""

    account_id: UUID
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer: HTTP status, body, and the entity tag that the next edit needs."""

    status: int
    body: bytes
    etag: str | None


def checked_key(key: str) -> str:
    """`key`, when it is 1 to 100 visible ASCII characters.

    Raises:
        Invalid: `idempotency_key_invalid`.
    """
    if not _KEY.fullmatch(key):
        raise Invalid("idempotency_key_invalid", field="Idempotency-Key")
    return key


async def earlier_answer(work: Work, sealer: Sealer, asked: Asked) -> Kept | None:
    """The answer already given under this key; None when the key is now claimed for this request.

    Raises:
        Conflict: `idempotency_key_reused`: the key stands for another request.
    """
    claimed = await work.scalar(
        text(
            "INSERT INTO idempotency_key (account_id, key, fingerprint) VALUES (:account_id, :key, :fingerprint)"
            " ON CONFLICT DO NOTHING RETURNING true"
        ),
        {"account_id": asked.account_id, "key": asked.key, "fingerprint": asked.fingerprint},
    )
    if claimed:
        return None
    row = (
        await work.execute(
            text(
                "SELECT fingerprint, status, body FROM idempotency_key WHERE account_id = :account_id AND key = :key"
            ),
            {"account_id": asked.account_id, "key": asked.key},
        )
    ).one()
    if row.fingerprint != asked.fingerprint:
        raise Conflict("idempotency_key_reused", field="Idempotency-Key")
    etag, _, body = sealer.open(row.body, purpose=_PURPOSE).partition("\n")
    return Kept(row.status, body.encode(), etag or None)


async def keep_answer(work: Work, sealer: Sealer, asked: Asked, answer: Kept) -> None:
    """Keep the answer with the effect it reports, in one transaction."""
    await work.execute(
        text(
            "UPDATE idempotency_key SET status = :status, body = :body WHERE account_id = :account_id AND key = :key"
        ),
        {
            "account_id": asked.account_id,
            "key": asked.key,
            "status": answer.status,
            "body": sealer.seal(f"{answer.etag or ''}\n{answer.body.decode()}", purpose=_PURPOSE),
        },
    )


async def forget_old(work: Work) -> None:
    """Forget answers older than a day: no phone repeats a request for longer."""
    await work.execute(text("DELETE FROM idempotency_key WHERE created_at < app_now() - interval '1 day'"))
