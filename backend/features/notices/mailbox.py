"""The development mailbox: a channel that keeps what would have gone out, and a page that shows it."""

from collections.abc import Sequence

from sqlalchemy import select

from backend.core.ids import new_id
from backend.db.work import Work, Works
from backend.features.notices.models import MailboxMessage
from push.message import Accepted, Message, Outcome


class Mailbox:
    """A `push.channel.Channel` that delivers to the mailbox page."""

    def __init__(self, works: Works) -> None:
        self._works = works

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Keep the messages."""
        outcomes: list[Outcome] = []
        async with self._works.begin() as work:
            for message in messages:
                kept = MailboxMessage(id=new_id(), address=message.address, title=message.title, body=message.body)
                work.add(kept)
                outcomes.append(Accepted(str(kept.id)))
        return outcomes

    async def aclose(self) -> None:
        """There is nothing to let go of."""


async def newest(work: Work, limit: int, address: str | None = None) -> Sequence[MailboxMessage]:
    """The newest messages, to one address or to all."""
    wanted = select(MailboxMessage).order_by(MailboxMessage.id.desc()).limit(limit)
    if address is not None:
        wanted = wanted.where(MailboxMessage.address == address)
    return (await work.scalars(wanted)).all()
