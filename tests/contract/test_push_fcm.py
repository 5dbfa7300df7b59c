"""The channel to devices against an endpoint that speaks FCM's HTTP v1 API, over real sockets."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from firebase_admin import messaging

from push.fcm import Fcm
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
from tests.fakes.fcm import (
    DIES_AFTER,
    DIES_BEFORE,
    Fault,
    FcmEndpoint,
    fcm_endpoint,
    invalid,
    plain,
    refusal,
)
from tests.fakes.proxy import forward_proxy

PUSH = Message("device-1", "同行", "房屋查验改到周六", "n-1", data={"kind": "date_moved"}, ttl=600)


@pytest.fixture
async def endpoint() -> AsyncIterator[FcmEndpoint]:
    async with fcm_endpoint() as running:
        yield running


@asynccontextmanager
async def opened(endpoint: FcmEndpoint, **options: Any) -> AsyncIterator[Fcm]:
    channel = Fcm(endpoint.service_account(), url=endpoint.url, **options)
    try:
        yield channel
    finally:
        await channel.aclose()


async def outcome(endpoint: FcmEndpoint, message: Message = PUSH, **options: Any) -> Outcome:
    async with opened(endpoint, **options) as channel:
        [one] = await channel.send([message])
        return one


async def test_a_device_is_told_everything_that_was_said(endpoint: FcmEndpoint) -> None:
    before = int(time.time())
    urgent = replace(PUSH, collapse_key="thread:7", urgency="high")
    async with opened(endpoint) as channel:
        outcomes = await channel.send([urgent, PUSH])
    assert outcomes == [Accepted(f"projects/{endpoint.project}/messages/{n}") for n in (1, 2)]
    loud, quiet = sorted(endpoint.taken, key=lambda message: str(message["android"]["priority"]))
    assert loud["notification"] == {"title": "同行", "body": "房屋查验改到周六"}
    assert loud["data"] == {"kind": "date_moved"}
    assert loud["android"] == {
        "priority": "high",
        "ttl": "600s",
        "collapse_key": "thread:7",
        "notification": {"tag": "thread:7"},
    }
    expires = int(loud["apns"]["headers"].pop("apns-expiration"))
    assert before + 600 <= expires <= time.time() + 600
    assert loud["apns"] == {
        "headers": {"apns-push-type": "alert", "apns-priority": "10", "apns-collapse-id": "thread:7"},
        "payload": {"aps": {"sound": "default"}},
    }
    assert loud["webpush"]["headers"].items() >= {"TTL": "600", "Urgency": "high"}.items()
    assert "collapse_key" not in quiet["android"]
    assert quiet["android"]["notification"]["tag"] == quiet["apns"]["headers"]["apns-collapse-id"] == "n-1"
    assert quiet["apns"]["headers"]["apns-priority"] == "5"


async def test_what_is_sent_twice_shows_once_and_long_keys_fit(endpoint: FcmEndpoint) -> None:
    long = replace(PUSH, collapse_key="通知" * 40, ttl=10**9)
    async with opened(endpoint) as channel:
        again = await channel.send([long, long, replace(PUSH, ttl=0)])
    assert all(isinstance(one, Accepted) for one in again)
    assert endpoint.by_token["device-1"] == 3
    assert endpoint.shown() == 2
    assert {message["apns"]["headers"]["apns-expiration"] == "0" for message in endpoint.taken} == {
        True,
        False,
    }


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (refusal("UNREGISTERED"), DeadAddress("HTTP 404 UNREGISTERED")),
        (invalid("message.token", "Invalid registration token"), DeadAddress("HTTP 400 INVALID_ARGUMENT")),
        (
            refusal("INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"),
            DeadAddress("HTTP 400 INVALID_ARGUMENT"),
        ),
        (refusal("SENDER_ID_MISMATCH"), DeadAddress("HTTP 403 SENDER_ID_MISMATCH", warn=True)),
        (
            invalid("message.data[0].value", "Invalid value"),
            Refused("HTTP 400 INVALID_ARGUMENT: Invalid value"),
        ),
        (refusal("QUOTA_EXCEEDED", retry_after="17"), RetryAfter(17.0, "HTTP 429 QUOTA_EXCEEDED")),
        (refusal("UNAVAILABLE", retry_after="9"), RetryAfter(9.0, "HTTP 503 UNAVAILABLE", everybody=True)),
        (
            refusal("THIRD_PARTY_AUTH_ERROR"),
            Stopped("HTTP 401 THIRD_PARTY_AUTH_ERROR", everybody=False),
        ),
        (plain(401, "UNAUTHENTICATED"), Stopped("HTTP 401 UNAUTHENTICATED")),
        (plain(403, "PERMISSION_DENIED"), Stopped("HTTP 403 PERMISSION_DENIED")),
        (plain(404, "NOT_FOUND"), Stopped("HTTP 404 NOT_FOUND")),
        (Fault(404, "<html>nothing here</html>"), Stopped("HTTP 404")),
        (Fault(400, {"error": "a string"}), Stopped("HTTP 400")),
        (Fault(302, "", {"location": "http://sign-in.example"}), Stopped("HTTP 302")),
        (Fault(400, "<html>bad request</html>"), Stopped("HTTP 400")),
        (Fault(413, "too large"), Refused("HTTP 413: ")),
    ],
)
async def test_what_fcm_says_becomes_an_outcome(
    endpoint: FcmEndpoint, fault: Fault, expected: Outcome
) -> None:
    endpoint.faults["device-1"] = fault
    assert await outcome(endpoint) == expected
    assert endpoint.taken == []


@pytest.mark.parametrize(
    ("fault", "attempt", "least", "most"),
    [
        (refusal("QUOTA_EXCEEDED"), 0, 60, 75),
        (refusal("INTERNAL"), 0, 10, 12.5),
        (refusal("UNAVAILABLE", retry_after="soon"), 3, 80, 100),
        (Fault(502, "bad gateway"), 40, 900, 1125),
        (refusal("QUOTA_EXCEEDED", retry_after="9" * 12), 0, 86_400, 86_400),
    ],
)
async def test_pauses_are_what_fcm_asks_for_and_else_grow(
    endpoint: FcmEndpoint, fault: Fault, attempt: int, least: float, most: float
) -> None:
    endpoint.next_faults.append(fault)
    found = await outcome(endpoint, replace(PUSH, attempt=attempt))
    assert isinstance(found, RetryAfter)
    assert least <= found.seconds <= most


async def test_a_pause_may_be_given_as_a_moment(endpoint: FcmEndpoint) -> None:
    until = formatdate(time.time() + 500, usegmt=True)
    endpoint.next_faults.append(refusal("UNAVAILABLE", retry_after=until))
    found = await outcome(endpoint)
    assert isinstance(found, RetryAfter)
    assert 300 <= found.seconds <= 500


@pytest.mark.parametrize("message", [replace(PUSH, address=""), replace(PUSH, data={"gcm": "1"})])
async def test_what_cannot_be_sent_is_refused_alone(endpoint: FcmEndpoint, message: Message) -> None:
    too_big = replace(PUSH, body="字" * 1400)
    async with opened(endpoint) as channel:
        first, second, third = await channel.send([message, too_big, replace(PUSH, address="device-2")])
    assert isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert isinstance(third, Accepted)


async def test_a_connection_that_ends_without_an_answer_leaves_it_open(endpoint: FcmEndpoint) -> None:
    endpoint.faults = {"device-1": DIES_BEFORE, "device-2": DIES_AFTER, "device-3": Fault(200, "taken")}
    messages = [replace(PUSH, address=f"device-{n}") for n in (1, 2, 3, 4)]
    async with opened(endpoint) as channel:
        found = await channel.send(messages)
        assert [type(one) for one in found] == [Ambiguous, Ambiguous, Ambiguous, Accepted]
        assert all(one.repeat_after for one in found if isinstance(one, Ambiguous))
        endpoint.faults.clear()
        again = await channel.send(messages[:3])
    assert all(isinstance(one, Accepted) for one in again)
    assert endpoint.by_token["device-2"] == 2
    assert endpoint.shown() == 4


async def test_an_endpoint_that_is_away_is_tried_again_later() -> None:
    async with fcm_endpoint() as endpoint, opened(endpoint) as channel:
        assert isinstance((await channel.send([PUSH]))[0], Accepted)
        gone = Fcm(endpoint.service_account(), url="http://127.0.0.1:1")
        [found] = await gone.send([PUSH])
        await gone.aclose()
    assert isinstance(found, RetryAfter)
    assert found.everybody


class TestAccessTokens:
    async def test_one_serves_many_and_is_fetched_anew_ahead_of_its_end(self, endpoint: FcmEndpoint) -> None:
        async with opened(endpoint) as channel:
            await channel.send([PUSH] * 20)
            assert endpoint.fetches == 1
            old = await channel._tokens.get()
            channel._tokens._ahead = 0.0
            endpoint.tokens_flow.clear()
            found = await channel.send([PUSH] * 5)
            assert all(isinstance(one, Accepted) for one in found), "the old one is good, nobody waits"
            endpoint.tokens_flow.set()
            while await channel._tokens.get() == old:
                await asyncio.sleep(0.01)
            await channel.send([PUSH] * 5)
        assert endpoint.fetches == 2
        assert len(endpoint.taken) == 30

    async def test_fetching_one_never_stalls_the_loop(self, endpoint: FcmEndpoint) -> None:
        """The endpoint lives on this loop too: a call that blocked would wait for itself."""
        endpoint.tokens_flow.clear()
        async with opened(endpoint) as channel:
            sending = asyncio.create_task(channel.send([PUSH]))
            while not endpoint.fetches:
                await asyncio.sleep(0.01)
            assert not sending.done()
            endpoint.tokens_flow.set()
            assert isinstance((await sending)[0], Accepted)

    async def test_one_that_is_no_longer_believed_is_fetched_anew_once(self, endpoint: FcmEndpoint) -> None:
        async with opened(endpoint) as channel:
            await channel.send([PUSH])
            endpoint.revoke()
            found = await channel.send([PUSH] * 50)
        assert all(isinstance(one, Accepted) for one in found)
        assert endpoint.fetches == 2

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (Fault(400, {"error": "invalid_grant", "error_description": "Invalid JWT"}), Stopped),
            (Fault(401, {"error": "invalid_client"}), Stopped),
            (Fault(403, "blocked"), Stopped),
            (Fault(200, "<html>sign in</html>"), Stopped),
            (Fault(200, {"expires_in": 3600}), Stopped),
            (DIES_BEFORE, RetryAfter),
        ],
    )
    async def test_without_one_nothing_is_lost(
        self, endpoint: FcmEndpoint, fault: Fault, expected: type[Outcome]
    ) -> None:
        endpoint.token_fault = fault
        async with opened(endpoint) as channel:
            found = await channel.send([PUSH, PUSH])
            assert [type(one) for one in found] == [expected, expected]
            assert endpoint.asked == 0
            endpoint.token_fault = None
            assert isinstance((await channel.send([PUSH]))[0], Accepted)

    async def test_a_key_that_is_not_ours_gets_none(self, endpoint: FcmEndpoint) -> None:
        stranger = endpoint.service_account() | {"client_email": "somebody@else"}
        channel = Fcm(stranger, url=endpoint.url)
        [found] = await channel.send([PUSH])
        await channel.aclose()
        assert isinstance(found, Stopped)
        assert "invalid_grant" in found.reason

    def test_an_account_that_is_none_is_refused_at_start(self) -> None:
        with pytest.raises(ValueError, match="service_account"):
            Fcm({"type": "authorized_user"})

    @pytest.mark.parametrize("proxy", ["proxy.example:3128", "socks5://proxy.example", "http://"])
    async def test_a_proxy_that_is_none_is_refused_at_start(self, endpoint: FcmEndpoint, proxy: str) -> None:
        with pytest.raises(ValueError, match="proxy"):
            Fcm(endpoint.service_account(), proxy=proxy)


class TestProxy:
    """Mainland installations reach Google through one; the environment's variables are not read."""

    @pytest.mark.parametrize("user", ["", "we:secret"])
    async def test_tokens_and_messages_both_go_through_it(
        self, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        tls = certificate()
        async with fcm_endpoint(tls.server) as endpoint, forward_proxy(user) as proxy:
            found = await outcome(endpoint, proxy=proxy.address, authorities=tls.authorities)
            place = endpoint.url.removeprefix("https://")
        assert isinstance(found, Accepted)
        assert proxy.asked == [f"CONNECT {place}", f"CONNECT {place}"]

    async def test_one_that_refuses_us_stops_the_channel(self) -> None:
        tls = certificate()
        async with (
            fcm_endpoint(tls.server) as endpoint,
            forward_proxy("we:secret") as proxy,
            opened(endpoint, authorities=tls.authorities) as channel,
        ):
            assert isinstance((await channel.send([PUSH]))[0], Accepted)
            assert channel._session is not None
            await channel._session.close()
            channel._session, channel._proxy = None, proxy.address.replace("we:secret@", "")
            assert await channel.send([PUSH]) == [Stopped("HTTP 407")]

    async def test_a_plain_address_goes_through_it_too(self, endpoint: FcmEndpoint) -> None:
        async with forward_proxy() as proxy:
            assert isinstance(await outcome(endpoint, proxy=proxy.address), Accepted)
        assert len(proxy.asked) == 2

    async def test_a_certificate_nobody_vouches_for_is_not_believed(self) -> None:
        async with fcm_endpoint(certificate().server) as endpoint:
            found = await outcome(endpoint)
        assert isinstance(found, RetryAfter)
        assert endpoint.taken == []


async def test_whatever_fails_every_device_shows_it_once(endpoint: FcmEndpoint) -> None:
    """A tenth is turned away, connections break before and after a message is taken; what may be repeated, is."""
    chance = random.Random(5)
    faults = [refusal("QUOTA_EXCEEDED", retry_after="1"), refusal("UNAVAILABLE"), DIES_BEFORE, DIES_AFTER]
    endpoint.judge = lambda message: chance.choice(faults) if chance.random() < 0.15 else None
    waiting = [replace(PUSH, address=f"device-{n}", reference=f"n-{n}") for n in range(300)]
    ambiguous = 0
    async with opened(endpoint) as channel:
        while waiting:
            outcomes = await channel.send(waiting)
            ambiguous += sum(isinstance(one, Ambiguous) for one in outcomes)
            assert all(isinstance(one, Accepted | Ambiguous | RetryAfter) for one in outcomes)
            waiting = [
                replace(message, attempt=message.attempt + 1)
                for message, one in zip(waiting, outcomes, strict=True)
                if not isinstance(one, Accepted)
            ]
    assert ambiguous > 10
    assert sum(endpoint.by_token.values()) > 300
    assert endpoint.shown() == len(endpoint.by_token) == 300


def test_it_goes_where_firebase_admin_goes(endpoint: FcmEndpoint) -> None:
    channel = Fcm(endpoint.service_account())
    assert channel._url == messaging._MessagingService.FCM_URL.format(endpoint.project)


async def test_a_channel_that_is_closed_leaves_nothing_open(endpoint: FcmEndpoint) -> None:
    async def round_trip() -> None:
        assert isinstance(await outcome(endpoint), Accepted)
        # The endpoint closes its ends when it sees ours gone.
        await asyncio.sleep(0.05)

    await round_trip()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        await round_trip()
    # One of each round would be five.
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 5


async def test_many_go_over_few_connections_in_their_order(endpoint: FcmEndpoint) -> None:
    endpoint.faults = {f"device-{n}": refusal("UNREGISTERED") for n in range(0, 600, 3)}
    async with opened(endpoint, connections=8) as channel:
        found = await channel.send([replace(PUSH, address=f"device-{n}") for n in range(600)])
        assert await channel.send([]) == []
    assert [isinstance(one, DeadAddress) for one in found] == [n % 3 == 0 for n in range(600)]
    assert sum(endpoint.by_token.values()) == 400
    assert json.dumps(endpoint.taken[0])
