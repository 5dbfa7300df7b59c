"""Whom a post names or pictures, and whether each consents to that now (CC-14, CT-37)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict
from backend.db.work import Work
from backend.features.people.service import faces
from backend.features.privacy.service import without_consent
from backend.features.progress.models import Post
from backend.features.progress.repository import names

USE: Final = "publication"
"""What those whom a post names have to consent to."""


@dataclass(frozen=True, slots=True)
class Named:
    """A resident whom a post names or pictures, as employees see them: the name is cut (S3-23)."""

    account_id: UUID
    name: str | None
    consented: bool


async def named_by(
    work: Work, caller: Caller, now: datetime, post_ids: Sequence[UUID]
) -> dict[UUID, list[Named]]:
    """Whom these posts name, by post, in their order."""
    rows = await names.named_by(work, post_ids)
    if not rows:
        return {}
    accounts = list({row.account_id: None for row in rows})
    missing = await without_consent(work, USE, accounts)
    shown = {face.account_id: face.name for face in await faces(work, caller, accounts, now)}
    found: dict[UUID, list[Named]] = defaultdict(list)
    for row in rows:
        one = row.account_id
        found[row.post_id].append(Named(one, shown[one], one not in missing))
    return found


async def names_without_consent(work: Work, post: Post) -> dict[UUID, int]:
    """Those whom a post names and who do not consent now, with the number of their last word on it."""
    accounts = [row.account_id for row in await names.named_by(work, [post.id])]
    return await without_consent(work, USE, accounts)


async def require_consents(work: Work, caller: Caller, now: datetime, post: Post) -> None:
    """Pass when everybody whom a post names consents to that now.

    Raises:
        Conflict: `consent_missing`, with the cut names of those who do not.
    """
    named = (await named_by(work, caller, now, [post.id])).get(post.id, [])
    missing = [one for one in named if not one.consented]
    if missing:
        said = ", ".join(one.name or str(one.account_id) for one in missing)
        raise Conflict("consent_missing", field="names", names=said)
