"""One-time codes by SMS."""

from backend.features.notices.mailbox import Mailbox
from backend.platform.process import Process
from push.channel import Channel
from push.message import Accepted, DeadAddress, Message
from push.sms import SmsGateway


class NotTaken(Exception):
    """The gateway did not take the message; the job is tried again."""


class SmsSender:
    """Sends texts over the SMS gateway, or into the mailbox where none is set."""

    def __init__(self, process: Process) -> None:
        settings = process.settings
        self._channel: Channel = (
            SmsGateway(
                settings.sms_url, key_id=settings.sms_key_id, secret=settings.sms_secret.get_secret_value()
            )
            if settings.sms_url
            else Mailbox(process.works)
        )

    async def send(self, phone: str, title: str, body: str, *, reference: str) -> None:
        """Send one text.

        Raises:
            NotTaken: the gateway cannot take it now or refuses it.
        """
        message = Message(address=phone, title=title, body=body, reference=reference, urgency="high")
        [outcome] = await self._channel.send([message])
        if not isinstance(outcome, Accepted | DeadAddress):
            raise NotTaken(outcome.reason)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._channel.aclose()
