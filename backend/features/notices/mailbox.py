"""The development mailbox: a channel that keeps what would have gone out, and a page that shows it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.core.ids import new_id
from backend.db.work import Work, Works
from backend.features.notices.kinds import ChannelName
from backend.features.notices.models import MailboxMessage
from push.message import Accepted, Fate, Message, NotTaken, Outcome


class Mailbox:
    """A `push.channel.SmsChannel` that delivers to the mailbox page, in the place of any channel."""

    settles = 1.0

    def __init__(self, works: Works, channel: ChannelName) -> None:
        self._works, self._channel = works, channel

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Keep the messages; a reference that is kept already is not kept twice."""
        async with self._works.begin() as work:
            for message in messages:
                await work.execute(
                    insert(MailboxMessage)
                    .values(
                        id=new_id(),
                        channel=self._channel,
                        reference=message.reference,
                        address=message.address,
                        title=message.title,
                        body=message.body,
                    )
                    .on_conflict_do_nothing(index_elements=["reference"])
                )
        return [Accepted(message.reference) for message in messages]

    async def fate(self, reference: str, address: str, day: date) -> Fate:  # noqa: ARG002  # the reference says it all
        """Whether it is kept."""
        async with self._works.begin() as work:
            kept = await work.scalar(select(MailboxMessage.id).where(MailboxMessage.reference == reference))
        return NotTaken("not in the mailbox") if kept is None else Accepted(reference)

    async def aclose(self) -> None:
        """There is nothing to let go of."""


async def newest(work: Work, limit: int, address: str | None = None) -> Sequence[MailboxMessage]:
    """The newest messages, to one address or to all."""
    wanted = select(MailboxMessage).order_by(MailboxMessage.id.desc()).limit(limit)
    if address is not None:
        wanted = wanted.where(MailboxMessage.address == address)
    return (await work.scalars(wanted)).all()
