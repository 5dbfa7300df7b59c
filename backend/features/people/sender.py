"""What people's feature asks of whoever can reach a person. The composition root gives it one."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from backend.core.locale import Locale
from backend.db.work import Work


class Sender(Protocol):
    """Tells people, within the unit of work it is given: it leaves when that commits, and never if it does not."""

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
        """Have a one-time code texted; `phone` in E.164. A `reference` that was given before is not sent again, and
        nothing is sent after `expires_at`.
        """

    async def tell_invited(
        self, work: Work, *, account_id: UUID, invitation_id: UUID, ownership_id: UUID
    ) -> None:
        """Tell somebody that they are invited into a household."""
