"""What the features below ask for, who know nothing of notices: people's `Sender`."""

from datetime import datetime
from uuid import UUID

from backend.core.locale import Locale
from backend.db.work import Work
from backend.features.notices.kinds import SEALED_FOR
from backend.features.notices.repository import codes
from backend.features.notices.service.telling import About, Telling, tell
from backend.platform.process import Process


class Notifier:
    """A `people.Sender`: codes go out by SMS and stand in no inbox, invitations are notices."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def send_code(
        self,
        work: Work,
        *,
        account_id: UUID,
        phone: str,
        code: str,
        locale: Locale,
        reference: UUID,
        expires_at: datetime,
    ) -> None:
        """Have a code texted, once a `reference` and not after `expires_at`."""
        sealed = self._process.sealer.seal(code, purpose=SEALED_FOR)
        await codes.add(
            work,
            "code",
            reference,
            account_id=account_id,
            address=phone,
            locale=locale,
            sealed=sealed,
            expires_at=expires_at,
        )

    async def tell_invited(
        self, work: Work, *, account_id: UUID, invitation_id: UUID, ownership_id: UUID
    ) -> None:
        """Tell somebody that they are invited into a household."""
        about = About("ownership", ownership_id)
        await tell(work, Telling("invitation", [account_id], {}, about, f"invitation:{invitation_id}"))
