"""A mail server (aiosmtpd) that signs people in, greylists, refuses, and loses connections, as it is told."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_OK = "250 OK"


@dataclass
class MailServer:
    """`replies` answers a command (`MAIL`, `RCPT`, `DATA`), by recipient for the last two, each once.

    `dies` is the command at which the connection is cut, once; `DATA-taken` cuts it after the mail was kept.
    `greylists` turns every recipient away the first time.
    """

    port: int = 0
    users: dict[str, str] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)
    dies: Literal["MAIL", "RCPT", "DATA", "DATA-taken"] | None = None
    greylists: bool = False
    kept: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    _greeted: set[str] = field(default_factory=set)

    async def handle_MAIL(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """`MAIL FROM`."""
        if reply := self._interrupts("MAIL", server):
            return reply
        envelope.mail_from = address
        return _OK

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """`RCPT TO`."""
        if reply := self._interrupts("RCPT", server, address):
            return reply
        if self.greylists and address not in self._greeted:
            self._greeted.add(address)
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return _OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """The mail itself."""
        if reply := self._interrupts("DATA", server, envelope.rcpt_tos[0]):
            return reply
        assert isinstance(envelope.content, bytes)
        self.kept.append(message_from_bytes(envelope.content, policy=default))
        return self._interrupts("DATA-taken", server) or _OK

    def in_mailboxes(self) -> int:
        """How many a reader sees: mail of one Message-ID is one."""
        return len({kept["message-id"] for kept in self.kept})

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        """Whether this is one of `users`."""
        assert isinstance(given, LoginPassword)
        known = self.users.get(given.login.decode()) == given.password.decode()
        return AuthResult(success=known, handled=False)

    def _interrupts(self, command: str, server: SMTP, address: str = "") -> str | None:
        if self.dies == command:
            self.dies = None
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "421 gone"
        return self.replies.pop(f"{command} {address}".rstrip(), None)


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, security: Literal["tls", "starttls", "none"] = "none", **users: str
) -> AsyncIterator[MailServer]:
    """A server on a port of its own. With `users` nobody sends without signing in."""
    running = MailServer(users=users)
    loop = asyncio.get_running_loop()
    protocol = partial(
        SMTP,
        running,
        hostname="mail.test",
        enable_SMTPUTF8=True,
        tls_context=tls if security == "starttls" else None,
        require_starttls=security == "starttls",
        auth_required=bool(users),
        auth_require_tls=security == "starttls",
        authenticator=running.sign_in,
        loop=loop,
    )

    def accept() -> SMTP:
        running.connections += 1
        with warnings.catch_warnings():
            # It sees no TLS of its own where the port itself is TLS, and warns of passwords in the clear.
            warnings.simplefilter("ignore")
            return protocol()

    server = await loop.create_server(accept, "127.0.0.1", 0, ssl=tls if security == "tls" else None)
    running.port = server.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        server.close()
