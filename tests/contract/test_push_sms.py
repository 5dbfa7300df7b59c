"""The SMS channel against a gateway that checks signatures, over a real socket."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from starlette.responses import JSONResponse, PlainTextResponse, Response

from backend.core.config import Settings
from push.message import (
    Accepted,
    Ambiguous,
    DeadAddress,
    Fate,
    Message,
    NotTaken,
    Outcome,
    Refused,
    RetryAfter,
    Stopped,
    Unknown,
)
from push.sms import SmsGateway as Channel
from push.sms import signature
from tests.fakes.sms_gateway import SmsGateway, sms_gateway
from tests.fixtures.application import Drain
from tests.fixtures.people import owner_account
from tests.fixtures.process import Begin, Forward

TEXT = Message(address="+8613800000001", title="t", body="验证码 402913", reference="r-1")


@pytest.fixture
async def gateway() -> AsyncIterator[SmsGateway]:
    async with sms_gateway(ours="between us") as running:
        yield running


async def outcome(url: str, message: Message = TEXT, secret: str = "between us") -> Outcome:
    channel = Channel(url, key_id="ours", secret=secret)
    try:
        [one] = await channel.send([message])
        return one
    finally:
        await channel.aclose()


async def fate(url: str, secret: str = "between us") -> Fate:
    channel = Channel(url, key_id="ours", secret=secret)
    try:
        return await channel.fate("r-1", TEXT.address, date(2026, 5, 1))
    finally:
        await channel.aclose()


async def test_a_signed_message_goes_out(gateway: SmsGateway) -> None:
    assert await outcome(gateway.url) == Accepted("gw-r-1")
    assert gateway.sent["r-1"] == {"to": "+8613800000001", "text": "验证码 402913", "reference": "r-1"}


async def test_nothing_of_the_environment_is_read(
    gateway: SmsGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that is meant for something else on the machine is none for one-time codes."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert await outcome(gateway.url) == Accepted("gw-r-1")
    assert await fate(gateway.url) == Accepted("gw-r-1")


async def test_the_same_reference_goes_out_once(gateway: SmsGateway) -> None:
    assert await outcome(gateway.url) == await outcome(gateway.url)
    assert len(gateway.sent) == 1


async def test_without_the_secret_nothing_goes_out(gateway: SmsGateway) -> None:
    assert await outcome(gateway.url, secret="a guess") == Stopped("HTTP 401")
    assert gateway.sent == {}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (JSONResponse({}, 429, headers={"retry-after": "17"}), RetryAfter(17.0, "HTTP 429")),
        (JSONResponse({}, 503, headers={"retry-after": "9"}), RetryAfter(9.0, "HTTP 503", everybody=True)),
        (JSONResponse({}, 500), Ambiguous("HTTP 500")),
        (JSONResponse({}, 504), Ambiguous("HTTP 504")),
        (JSONResponse({}, 402), Stopped("HTTP 402")),
        (JSONResponse({}, 410), DeadAddress("HTTP 410")),
        (JSONResponse({}, 404), DeadAddress("HTTP 404")),
        (JSONResponse({}, 400), Refused("HTTP 400")),
        (PlainTextResponse("taken", 200), Accepted("")),
        (JSONResponse(["taken"], 200), Accepted("")),
    ],
)
async def test_what_the_gateway_says_becomes_an_outcome(
    gateway: SmsGateway, answer: Response, expected: Outcome
) -> None:
    gateway.next_answers.append(answer)
    assert await outcome(gateway.url) == expected


async def test_a_gateway_that_is_away_is_tried_again_later() -> None:
    found = await outcome("http://127.0.0.1:1/send")
    assert isinstance(found, RetryAfter)
    assert found.everybody
    assert 5 <= found.seconds <= 6.25


async def test_a_pause_the_gateway_does_not_name_grows_with_every_attempt(gateway: SmsGateway) -> None:
    gateway.next_answers = [JSONResponse({}, 503), JSONResponse({}, 429, headers={"retry-after": "soon"})]
    first = await outcome(gateway.url, replace(TEXT, attempt=0))
    fourth = await outcome(gateway.url, replace(TEXT, attempt=3))
    assert isinstance(first, RetryAfter)
    assert isinstance(fourth, RetryAfter)
    assert 5 <= first.seconds <= 6.25
    assert 40 <= fourth.seconds <= 50


class TestFate:
    """A message of unknown fate is looked up by its reference."""

    @pytest.mark.parametrize(("dies", "expected"), [("after", Accepted("gw-r-1")), ("before", NotTaken)])
    async def test_the_gateway_says_what_became_of_it(
        self, gateway: SmsGateway, dies: Literal["before", "after"], expected: Fate | type[Fate]
    ) -> None:
        gateway.dies = dies
        assert await outcome(gateway.url) == Ambiguous("HTTP 500")
        found = await fate(gateway.url)
        assert found == expected or (isinstance(expected, type) and isinstance(found, expected))

    @pytest.mark.parametrize(
        "answer",
        [
            JSONResponse({"error": "no such page"}, 404),
            JSONResponse({"taken": "yes"}),
            JSONResponse([True]),
            PlainTextResponse("taken"),
            JSONResponse({}, 503),
        ],
    )
    async def test_what_it_does_not_say_is_unknown(self, gateway: SmsGateway, answer: Response) -> None:
        """A gateway that has no such page has not said that nothing was taken."""
        gateway.next_answers.append(answer)
        assert isinstance(await fate(gateway.url), Unknown)

    async def test_without_the_secret_or_the_gateway_it_is_unknown(self, gateway: SmsGateway) -> None:
        await outcome(gateway.url)
        assert isinstance(await fate(gateway.url, secret="a guess"), Unknown)
        assert isinstance(await fate("http://127.0.0.1:1/send"), Unknown)


def test_the_signature_covers_time_and_body() -> None:
    signed = signature("s", "1", b"body")
    assert signed not in {
        signature("s", "2", b"body"),
        signature("s", "1", b"bodY"),
        signature("S", "1", b"body"),
    }


class TestWithAGatewaySet:
    """A product whose settings name a gateway sends its codes there."""

    @pytest.fixture
    def settings(self, settings: Settings, gateway: SmsGateway) -> Settings:
        return settings.model_copy(
            update={
                "sms_url": gateway.url,
                "sms_key_id": "ours",
                "sms_secret": Settings(sms_secret="between us").sms_secret,  # type: ignore[arg-type]  # pydantic reads it
            }
        )

    async def test_a_code_reaches_the_phone(
        self, client: AsyncClient, work: Begin, drain: Drain, gateway: SmsGateway
    ) -> None:
        async with work() as session:
            await owner_account(session, "+8613800000001")
        await client.post("/v1/auth/codes", json={"phone": "13800000001"}, headers={"accept-language": "en"})
        await drain()
        [sent] = gateway.sent.values()
        assert sent["to"] == "+8613800000001"
        assert sent["text"].startswith("[Tongxing] Your code is ")

    async def test_a_code_that_was_taken_and_tried_again_goes_out_once(
        self, client: AsyncClient, work: Begin, drain: Drain, gateway: SmsGateway, forward: Forward
    ) -> None:
        """The worker dies between the gateway's answer and its own commit: the job is run a second time."""
        async with work() as session:
            await owner_account(session, "+8613800000001")
        await client.post("/v1/auth/codes", json={"phone": "13800000001"})
        async with work() as session:
            await session.execute(
                text("INSERT INTO outbox (id, job, payload) SELECT uuidv7(), job, payload FROM outbox")
            )
        assert await drain() == 2
        assert len(gateway.sent) == 1

    async def test_a_code_is_not_sent_after_its_time(
        self, client: AsyncClient, work: Begin, drain: Drain, gateway: SmsGateway, forward: Forward
    ) -> None:
        """The gateway was away for longer than a code lives."""
        async with work() as session:
            await owner_account(session, "+8613800000001")
        await client.post("/v1/auth/codes", json={"phone": "13800000001"})
        gateway.next_answers.append(JSONResponse({}, 503))
        await drain()
        await forward(timedelta(minutes=6))
        await drain()
        async with work() as session:
            found = (await session.execute(text("SELECT state, reason, sealed FROM delivery"))).one()
        assert tuple(found) == ("given_up", "HTTP 503", None)
        assert gateway.sent == {}
