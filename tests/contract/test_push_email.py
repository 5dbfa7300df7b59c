"""The channel to mailboxes against a real SMTP server."""

import re
from dataclasses import replace
from typing import Any

import pytest

from push.email import Email, Security
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
from tests.fakes.certificate import certificate
from tests.fakes.smtp import MailServer, mail_server

MAIL = Message(
    "lin@example.com", "房屋查验改到周六 🏠", "林女士, 您好:\n\n查验改到周六 <9:00> & 不另收费。", "n-1"
)


def channel(server: MailServer, **options: Any) -> Email:
    return Email(
        "127.0.0.1",
        server.port,
        sender="notice@tongxing.example",
        sender_name="同行",
        **({"security": "none"} | options),
    )


async def outcome(server: MailServer, message: Message = MAIL, **options: Any) -> Outcome:
    [one] = await channel(server, **options).send([message])
    return one


async def test_a_mail_is_text_and_html_and_says_who_it_is_from() -> None:
    async with mail_server() as server:
        await outcome(server)
        [kept] = server.kept
    assert kept["subject"] == MAIL.title
    assert kept["from"] == "同行 <notice@tongxing.example>"
    assert kept["to"] == "lin@example.com"
    assert kept["auto-submitted"] == "auto-generated"
    assert kept["date"].datetime.tzinfo is not None
    assert kept.get_content_type() == "multipart/alternative"
    plain, rich = kept.get_body(("plain",)), kept.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == MAIL.body
    assert "<p>查验改到周六 &lt;9:00&gt; &amp; 不另收费。</p>" in rich.get_content()
    assert kept["list-unsubscribe"] is None


async def test_whoever_may_unsubscribe_can_by_one_click() -> None:
    newsletter = replace(MAIL, unsubscribe="https://tongxing.example/u/abc", html="<h1>月报</h1>")
    async with mail_server() as server:
        assert isinstance(await outcome(server, newsletter), Accepted)
        [kept] = server.kept
        assert isinstance(await outcome(server, replace(MAIL, unsubscribe="http://plain")), Refused)
    assert kept["list-unsubscribe"] == "<https://tongxing.example/u/abc>"
    assert kept["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    rich = kept.get_body(("html",))
    assert rich is not None
    assert rich.get_content().strip() == "<h1>月报</h1>"


async def test_the_same_reference_has_the_same_message_id() -> None:
    async with mail_server() as server:
        first, again, other = await channel(server).send([MAIL, MAIL, replace(MAIL, reference="n-2")])
    assert first == again != other
    assert isinstance(first, Accepted)
    assert re.fullmatch(r"<[0-9a-f]{40}@tongxing\.example>", first.id)
    assert first.id == server.kept[0]["message-id"]
    assert server.in_mailboxes() == 2
    assert server.connections == 1


@pytest.mark.parametrize(
    "message",
    [
        replace(MAIL, title="查验\r\nBcc: all@example.com"),
        replace(MAIL, title="查验\u2028"),
        replace(MAIL, address="a@example.com>\r\nRCPT TO:<b@example.com"),
        replace(MAIL, address="a@b@example.com"),
        replace(MAIL, address="Lin <lin@example.com>"),
        replace(MAIL, address="林@example.com"),
        replace(MAIL, address="lin@" + "a" * 70 + ".com"),
        replace(MAIL, address=""),
        replace(MAIL, unsubscribe="https://x/>\r\nX: y"),
    ],
)
async def test_what_would_be_more_than_one_mail_is_refused_alone(message: Message) -> None:
    async with mail_server() as server:
        found = await channel(server).send([message, MAIL])
    assert [type(one) for one in found] == [Refused, Accepted]
    assert len(server.kept) == 1


async def test_a_name_in_chinese_is_a_domain_too() -> None:
    async with mail_server() as server:
        assert isinstance(await outcome(server, replace(MAIL, address="lin@同行.example")), Accepted)
    assert server.kept[0]["to"] == "lin@xn--dqrw92j.example"


@pytest.mark.parametrize(
    ("command", "reply", "expected"),
    [
        ("RCPT lin@example.com", "550 5.1.1 No such user", DeadAddress),
        ("RCPT lin@example.com", "550 unknown", DeadAddress),
        ("RCPT lin@example.com", "550 5.2.1 Mailbox disabled", DeadAddress),
        ("RCPT lin@example.com", "550 5.7.1 We do not like you", Refused),
        ("RCPT lin@example.com", "552 5.2.2 Mailbox full", Refused),
        ("RCPT lin@example.com", "450 4.2.0 Busy", RetryAfter),
        ("RCPT lin@example.com", "530 5.7.0 Authentication required", Stopped),
        ("DATA lin@example.com", "554 5.6.0 Spam", Refused),
        ("DATA lin@example.com", "452 4.3.1 Out of space", RetryAfter),
        ("MAIL", "550 5.7.1 Not your sender", Stopped),
        ("MAIL", "451 4.3.0 Later", RetryAfter),
    ],
)
async def test_what_the_server_says_becomes_an_outcome(
    command: str, reply: str, expected: type[Outcome]
) -> None:
    async with mail_server() as server:
        server.replies[command] = reply
        found = await channel(server).send([MAIL, replace(MAIL, reference="n-2")])
    assert [type(one) for one in found] == [expected, Accepted]
    assert server.connections == 1, "a refusal costs no connection"


async def test_reasons_do_not_name_the_person() -> None:
    async with mail_server() as server:
        server.replies["RCPT lin@example.com"] = "550 5.1.1 <lin@example.com> unknown here"
        assert await outcome(server) == DeadAddress("RCPT: 550 5.1.1 <…> unknown here")


async def test_a_greylisting_server_takes_the_second_attempt() -> None:
    async with mail_server() as server:
        server.greylists = True
        first = await outcome(server)
        assert isinstance(first, RetryAfter)
        assert 300 <= first.seconds <= 375
        assert isinstance(await outcome(server, replace(MAIL, attempt=1)), Accepted)


@pytest.mark.parametrize(
    ("dies", "expected", "kept"),
    [
        ("MAIL", RetryAfter, 1),
        ("RCPT", RetryAfter, 1),
        ("DATA", Ambiguous, 1),
        ("DATA-taken", Ambiguous, 2),
    ],
)
async def test_a_connection_that_is_lost_loses_one_message(
    dies: str, expected: type[Outcome], kept: int
) -> None:
    """And what was perhaps taken may be sent again: a reader sees it once."""
    async with mail_server() as server:
        server.dies = dies  # type: ignore[assignment]  # one of its words
        first, second = await channel(server).send([MAIL, replace(MAIL, reference="n-2")])
        assert isinstance(first, expected)
        assert isinstance(second, Accepted)
        assert server.connections == 2
        if isinstance(first, Ambiguous):
            assert first.repeat_after
        assert isinstance(await outcome(server), Accepted)
    assert len(server.kept) == kept + 1
    assert server.in_mailboxes() == 2


async def test_a_server_that_is_away_is_tried_again_later() -> None:
    gone = Email("127.0.0.1", 1, sender="a@b.example", security="none")
    found = await gone.send([MAIL, MAIL])
    assert [type(one) for one in found] == [RetryAfter, RetryAfter]
    assert all(one.everybody for one in found if isinstance(one, RetryAfter))
    assert await gone.send([]) == []


class TestSecurity:
    @pytest.mark.parametrize("security", ["tls", "starttls"])
    async def test_mail_goes_out_encrypted_and_signed_in(self, security: Security) -> None:
        tls = certificate()
        async with mail_server(tls=tls.server, security=security, we="secret") as server:
            given: dict[str, Any] = {"security": security, "username": "we", "password": "secret"}
            assert isinstance(await outcome(server, **given, authorities=tls.authorities), Accepted)
            found = await outcome(server, **given | {"password": "a guess"}, authorities=tls.authorities)
            assert isinstance(found, Stopped)
            unsigned = await outcome(server, security=security, authorities=tls.authorities)
            assert isinstance(unsigned, Stopped)
            strange = await outcome(server, **given)
            assert isinstance(strange, RetryAfter), "nobody vouches for this certificate"
        assert len(server.kept) == 1

    async def test_a_server_without_tls_gets_no_mail_from_us(self) -> None:
        async with mail_server() as server:
            found = await outcome(server, security="starttls")
        assert isinstance(found, Stopped)
        assert server.kept == []
