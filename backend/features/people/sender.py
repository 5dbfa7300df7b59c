"""What people's feature asks of whoever can reach a phone. The composition root gives it one."""

from typing import Protocol


class Sender(Protocol):
    """Sends one text to one phone."""

    async def send(self, phone: str, title: str, body: str, *, reference: str) -> None:
        """Send it; `phone` in E.164. Raises when it was not taken, so that the job is tried again.

        A `reference` that was taken before is not sent a second time.
        """
