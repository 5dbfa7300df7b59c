"""E-mail over SMTP, one connection a batch."""

import asyncio
import hashlib
import html
import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

import aiosmtplib

from push.message import (
    Accepted,
    Ambiguous,
    DeadAddress,
    Message,
    Outcome,
    Refused,
    RetryAfter,
    Stopped,
)
from push.pauses import growing

Security = Literal["tls", "starttls", "none"]

_SECONDS = 30.0
# Not every server on the way takes eight bits.
_POLICY = SMTP.clone(cte_type="7bit")
# Greylisting servers want to see the same message again after some minutes, not seconds.
_AWAY_SECONDS = 60.0
_LATER_SECONDS = 300.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,255}")
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_OUR_CREDENTIALS = {530, 534, 535, 538}
_LOST = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError)


class Email:
    """A `Channel` to mailboxes, through the server that takes our mail.

    `security`: "tls" from the first byte (port 465), "starttls" (587), or "none" for a relay on a network of our own.
    `authorities` is a file of certificate authorities to believe instead of the system's.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        sender_name: str = "",
        username: str = "",
        password: str = "",
        security: Security = "starttls",
        authorities: str = "",
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._sender, self._sender_name = sender, sender_name
        self._username, self._password, self._authorities = username, password, authorities

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand messages over one after the other; a connection that is lost is opened once more for the next."""
        outcomes: list[Outcome] = []
        connection: aiosmtplib.SMTP | None = None
        try:
            for message in messages:
                try:
                    written = self._written(message)
                except ValueError as error:
                    outcomes.append(Refused(str(error)))
                    continue
                if connection is None or not connection.is_connected:
                    connection, away = await self._connected(message)
                    if away is not None:
                        # Nobody else would fare better.
                        return outcomes + [away] * (len(messages) - len(outcomes))
                outcomes.append(await self._hand_over(connection, message, written))
        finally:
            if connection is not None:
                await _leave(connection)
        return outcomes

    async def aclose(self) -> None:
        """Nothing is kept between batches."""

    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._authorities or None)

    async def _connected(self, message: Message) -> tuple[aiosmtplib.SMTP, Outcome | None]:
        connection = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=_SECONDS,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=None if self._security == "none" else self._trusted(),
            username=self._username or None,
            password=self._password or None,
        )
        away = growing(message, first=_AWAY_SECONDS)
        try:
            await connection.connect()
        except aiosmtplib.SMTPResponseException as error:
            reason = _said(error.code, error.message)
            # A server that does not want us now says 4xx; one that does not want us at all says 5xx.
            if error.code >= 500:
                return connection, Stopped(reason)
            return connection, RetryAfter(away, reason, everybody=True)
        except _LOST as error:
            return connection, RetryAfter(away, type(error).__name__, everybody=True)
        except aiosmtplib.SMTPException as error:
            # It offers no TLS, or no way of signing in that we know.
            return connection, Stopped(str(error.message))
        return connection, None

    async def _hand_over(
        self, connection: aiosmtplib.SMTP, message: Message, written: tuple[str, str, bytes]
    ) -> Outcome:
        recipient, message_id, content = written
        saying = "MAIL"
        try:
            await connection.mail(self._sender)
            saying = "RCPT"
            await connection.rcpt(recipient)
            saying = "DATA"
            await connection.data(content)
        except aiosmtplib.SMTPResponseException as error:
            if connection.is_connected:
                await _start_over(connection)
            # Servers like to repeat the address; reasons are kept and logged.
            return _refusal(saying, error.code, error.message.replace(recipient, "…"), message)
        except _LOST as error:
            connection.close()
            reason = f"{type(error).__name__} at {saying}"
            if saying == "DATA":
                # Taken, perhaps: mailboxes know the second by its Message-ID.
                return Ambiguous(reason, growing(message, first=_AWAY_SECONDS))
            return RetryAfter(growing(message, first=_AWAY_SECONDS), reason, everybody=True)
        return Accepted(message_id)

    def _written(self, message: Message) -> tuple[str, str, bytes]:
        """The recipient, the Message-ID and the bytes. Raises ValueError for what would not be one e-mail."""
        if _CONTROL.search(message.title):
            raise ValueError("a control character in the subject")
        if not _ADDRESS.fullmatch(message.address):
            raise ValueError("not an e-mail address")
        local, _, domain = message.address.rpartition("@")
        domain = domain.encode("idna").decode()
        written = EmailMessage(policy=_POLICY)
        written["From"] = Address(self._sender_name, addr_spec=self._sender)
        written["To"] = Address(username=local, domain=domain)
        written["Subject"] = message.title
        written["Date"] = format_datetime(datetime.now(UTC))
        message_id = _message_id(message.reference, self._sender)
        written["Message-ID"] = message_id
        written["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe is not None:
            if not message.unsubscribe.startswith("https://") or re.search(r"[\s<>]", message.unsubscribe):
                raise ValueError("an address to unsubscribe at must be https")
            written["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            written["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        written.set_content(message.body, charset="utf-8")
        written.add_alternative(message.html or _as_html(message.body), subtype="html", charset="utf-8")
        return f"{local}@{domain}", message_id, written.as_bytes()


def _message_id(reference: str, sender: str) -> str:
    return f"<{hashlib.sha256(reference.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def _as_html(body: str) -> str:
    paragraphs = (html.escape(part).replace("\n", "<br>\n") for part in re.split(r"\n{2,}", body.strip()))
    return "<!doctype html>\n<meta charset=utf-8>\n" + "\n".join(f"<p>{part}</p>" for part in paragraphs)


def _said(code: int, words: str) -> str:
    return f"{code} {words}"[:200]


def _refusal(saying: str, code: int, words: str, message: Message) -> Outcome:
    """What a reply other than 2xx means, by the command it answers."""
    reason = f"{saying}: {_said(code, words)}"
    if code in _OUR_CREDENTIALS:
        return Stopped(reason)
    if code == 421:
        return RetryAfter(growing(message, first=_AWAY_SECONDS), reason, everybody=True)
    if code < 500:
        return RetryAfter(growing(message, first=_LATER_SECONDS, longest=3600), reason)
    if saying == "MAIL":
        return Stopped(reason)
    found = _ENHANCED.match(words)
    status = found[1] if found else ""
    if saying == "RCPT" and (
        status.startswith("5.1.") or status == "5.2.1" or (not status and code in (550, 551, 553))
    ):
        return DeadAddress(reason)
    return Refused(reason)


async def _start_over(connection: aiosmtplib.SMTP) -> None:
    """After a refusal the server forgets what was begun; one that cannot is left."""
    try:
        await connection.rset()
    except (aiosmtplib.SMTPException, OSError):
        connection.close()


async def _leave(connection: aiosmtplib.SMTP) -> None:
    """Say goodbye where somebody listens; never at the price of what was sent."""
    try:
        async with asyncio.timeout(5):
            if connection.is_connected:
                await connection.quit()
    except (aiosmtplib.SMTPException, OSError):
        pass
    finally:
        connection.close()
