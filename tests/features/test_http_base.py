"""What stands around every request: ids, languages, limits, headers, problems; and that rubbish is answered 4xx."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from backend.app import NotReadyForProduction, create_app
from backend.core.config import Settings
from backend.platform.calendar import MAINLAND
from backend.platform.http.route import Uow, router
from tests.fixtures.logs import Lines
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin

PHONE, NAME = "+8613800000001", "孙建华"
JSON = {"content-type": "application/json"}


def is_problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The problem, after checking that it is one as RFC 9457 wants it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["instance"] == answer.headers["x-request-id"]
    assert body["title"]
    assert body["detail"]
    return body


@asynccontextmanager
async def served(settings: Settings, **changed: Any) -> AsyncIterator[AsyncClient]:
    """The API with other settings, and with two routes of this test's own."""
    app = create_app(settings.model_copy(update=changed))
    failing = router(tag="test", prefix="/test")

    @failing.post("/account/{phone}")
    async def write_twice(phone: str, work: Uow) -> None:
        for _ in range(2):
            await owner_account(work, phone, NAME)

    @failing.get("/value")
    async def fail() -> None:
        raise ValueError(PHONE)

    @failing.get("/slow")
    async def wait(work: Uow) -> None:
        await work.execute(text("SELECT pg_sleep(20)"))

    app.include_router(failing)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://tongxing.test") as client,
    ):
        yield client


# --- Request ids, logs, failures -------------------------------------------------------------------------------


async def test_a_request_id_goes_in_and_out_and_into_the_log_and_the_outbox(
    client: AsyncClient, logged: Lines, work: Begin
) -> None:
    given = "phone-7.4711_abc"
    answer = await client.post("/v1/auth/codes", json={"phone": PHONE}, headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given
    [line] = [line for line in logged() if line["message"] == "request"]
    assert (line["request_id"], line["route"], line["status"]) == (given, "/v1/auth/codes", 202)
    assert PHONE not in json.dumps(logged())
    async with work() as session:
        assert (await session.scalars(text("SELECT request_id FROM outbox"))).all() == [given]


async def test_a_request_id_that_could_break_a_log_is_replaced(client: AsyncClient) -> None:
    for given in ("short", "x" * 65, "with space 12", "line\tbreak-12", "孙建华孙建华孙建华"):
        answer = await client.get("/healthz", headers=[(b"x-request-id", given.encode())])
        assert answer.headers["x-request-id"] != given, given
        assert len(answer.headers["x-request-id"]) == 36, given


async def test_a_failure_of_ours_says_nothing_but_its_number_and_the_log_says_where_without_personal_data(
    settings: Settings, logged: Lines
) -> None:
    async with served(settings) as client:
        for method, path in (("POST", f"/test/account/{PHONE}"), ("GET", "/test/value")):
            body = is_problem(await client.request(method, path), 500, "internal")
            assert set(body) == {"type", "title", "status", "code", "detail", "instance", "errors"}
            assert body["errors"] == []
    failed = [line for line in logged() if line["message"] == "request_failed"]
    assert len(failed) == 2
    assert "constraint_name=uq_account_phone" in failed[0]["exception"]
    assert "write_twice" in failed[0]["exception"]
    assert "ValueError" in failed[1]["exception"]
    everything = json.dumps(failed, ensure_ascii=False)
    for secret in (PHONE, NAME, "DETAIL", "13800000001"):
        assert secret not in everything.replace(f"/test/account/{PHONE}", "")


# --- Problems --------------------------------------------------------------------------------------------------


WISHES = [
    (None, "zh-CN", "验证码"),
    ("en", "en", "The code"),
    ("EN-gb;q=0.8", "en", "The code"),
    ("zh-HK", "zh-TW", "驗證碼"),
    ("zh-Hant-MO, en", "zh-TW", "驗證碼"),
    ("zh", "zh-CN", "验证码"),
    ("zh-SG", "zh-CN", "验证码"),
    ("de, fr;q=0.9", "zh-CN", "验证码"),
    ("en;q=0.3, zh-TW;q=0.7", "zh-TW", "驗證碼"),
    ("en;q=0, zh-TW;q=0.1", "zh-TW", "驗證碼"),
    ("en;q=nonsense, *", "zh-CN", "验证码"),
    ("," * 5000, "zh-CN", "验证码"),
]


async def test_a_problem_speaks_the_callers_language(client: AsyncClient, subtests: pytest.Subtests) -> None:
    for wish, language, detail in WISHES:
        headers = {} if wish is None else {"accept-language": wish}
        with subtests.test(wish=wish and wish[:40]):
            answer = await client.post(
                "/v1/auth/sessions", json={"phone": PHONE, "code": "000000"}, headers=headers
            )
            assert detail in is_problem(answer, 401, "code_wrong")["detail"]
            assert answer.headers["content-language"] == language


async def test_what_the_framework_refuses_is_a_problem_too(client: AsyncClient) -> None:
    is_problem(await client.get("/v1/nothing"), 404, "no_such_address")
    is_problem(await client.get("/v1/me/homes/"), 404, "no_such_address")
    is_problem(await client.get("/docs/static/nothing.js"), 404, "no_such_address")
    refused = await client.put("/v1/auth/codes")
    is_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"


UNREADABLE = [
    (b'{"phone":', 422, "fields_invalid"),
    (b"", 422, "fields_invalid"),
    (b"null", 422, "fields_invalid"),
    (b"[]", 422, "fields_invalid"),
    (b'"x"', 422, "fields_invalid"),
    (b"NaN", 422, "fields_invalid"),
    (b'{"phone": ' + b"9" * 5000 + b"}", 400, "body_unreadable"),
    (b'{"phone": "\xff\xfe"}', 400, "body_unreadable"),
    (b"\x00\x00", 422, "fields_invalid"),
    (b"[" * 100_000, 400, "body_unreadable"),
    (b'{"a":' * 100_000, 400, "body_unreadable"),
    (b'{"phone":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "body_unreadable"),
    (b'{"phone":"' + b"1" * (1 << 20) + b'"}', 413, "body_too_large"),
    (b" " * (10 << 20), 413, "body_too_large"),
]


async def test_an_unreadable_body_is_refused(client: AsyncClient, subtests: pytest.Subtests) -> None:
    for content, status, code in UNREADABLE:
        with subtests.test(content=content[:40]):
            is_problem(await client.post("/v1/auth/codes", content=content, headers=JSON), status, code)


async def test_a_body_without_a_length_is_refused_when_it_runs_over(
    client: AsyncClient, signed_in: SignedIn, work: Begin
) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 15)

    is_problem(await client.post("/v1/auth/codes", content=stream(), headers=JSON), 413, "body_too_large")
    async with work() as session:
        account = await owner_account(session, PHONE)
    me = await signed_in(account.id)
    keyed = {**JSON, **me, "idempotency-key": "k"}
    is_problem(await client.post("/v1/me/totp", content=stream(), headers=keyed), 413, "body_too_large")


async def test_a_length_that_is_no_number_is_no_failure_of_ours(client: AsyncClient) -> None:
    for length in (b"\xb2", b"9" * 5000, b"-1", b"x"):
        answer = await client.post(
            "/v1/auth/codes",
            content=b"{}",
            headers=[(b"content-length", length), (b"content-type", b"application/json")],
        )
        assert answer.status_code in {413, 422}


async def test_a_body_of_another_kind_is_refused(client: AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
        answer = await client.post("/v1/auth/codes", content=b'{"phone":"1"}', headers={"content-type": kind})
        is_problem(answer, 415, "media_type_unknown")


async def test_json_with_a_charset_is_json(client: AsyncClient) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    answer = await client.post("/v1/auth/codes", content=b'{"phone":"13800000001"}', headers=headers)
    assert answer.status_code == 202


async def test_every_wrong_field_is_named(client: AsyncClient) -> None:
    answer = await client.post("/v1/auth/sessions", json={"phone": 5, "device": "", "hat": "red"})
    body = is_problem(answer, 422, "fields_invalid")
    assert {(error["field"], error["code"]) for error in body["errors"]} == {
        ("phone", "string_type"),
        ("code", "missing"),
        ("device", "string_too_short"),
        ("hat", "extra_forbidden"),
    }


async def test_a_nul_in_any_address_is_no_failure_of_ours(client: AsyncClient) -> None:
    for path in (
        "/%00",
        "/v1/%00",
        "/docs/static/%00",
        "/docs/static/a%00.js",
        "/docs/static/%ED%A0%80",
        "/%FF",
    ):
        assert (await client.get(path)).status_code == 404, path


# --- Headers, limits -------------------------------------------------------------------------------------------


async def test_every_answer_carries_the_security_headers(client: AsyncClient) -> None:
    for path in (
        "/healthz",
        "/v1/me",
        "/v1/nothing",
        "/docs",
        "/docs/static/swagger-ui.css",
        "/openapi.json",
    ):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "strict-transport-security" in headers
        assert headers["cache-control"]


async def test_the_documentation_calls_no_foreign_host(client: AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text


async def test_an_address_has_so_many_requests_a_minute(settings: Settings) -> None:
    async with served(settings, requests_per_minute_address=5) as client:
        answers = [await client.get("/v1/nothing") for _ in range(7)]
        assert [answer.status_code for answer in answers] == [404] * 5 + [429] * 2
        is_problem(answers[-1], 429, "too_many_requests")
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


async def test_an_account_has_so_many_requests_a_minute_whatever_another_does(
    settings: Settings, signed_in: SignedIn, work: Begin
) -> None:
    async with work() as session:
        one, two = [await owner_account(session, f"+861380000000{n}") for n in (1, 2)]
    first, second = await signed_in(one.id), await signed_in(two.id)
    async with served(settings, requests_per_minute_account=5) as client:
        answers = [await client.get("/v1/me", headers=first) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        is_problem(answers[-1], 429, "too_many_requests")
        assert (await client.get("/v1/me", headers=second)).status_code == 200


async def test_an_answer_that_takes_too_long_is_given_up(settings: Settings) -> None:
    async with served(settings, request_seconds=0.3) as client:
        answer = await client.get("/test/slow")
        is_problem(answer, 503, "took_too_long")
        assert answer.headers["retry-after"]
        # Its connection is not left behind in the middle of an answer.
        assert all([(await client.get("/readyz")).status_code == 200 for _ in range(10)])


async def test_a_browser_of_a_foreign_origin_may_call_only_where_it_is_set(
    settings: Settings, client: AsyncClient
) -> None:
    ours, foreign = "https://console.example", "https://evil.example"
    asking = {
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization,if-match",
    }
    unset = await client.options("/v1/me", headers={"origin": ours, **asking})
    assert "access-control-allow-origin" not in unset.headers
    async with served(settings, cors_origins=(ours,)) as allowed:
        asked = await allowed.options("/v1/me", headers={"origin": ours, **asking})
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, ours)
        refused = await allowed.get("/v1/me", headers={"origin": foreign})
        assert "access-control-allow-origin" not in refused.headers
        read = await allowed.get("/v1/me", headers={"origin": ours})
        assert read.headers["access-control-allow-origin"] == ours
        assert "x-request-id" in read.headers["access-control-expose-headers"].lower()
        too_large = await allowed.post("/v1/auth/codes", content=b"1" * 2_000_000, headers={"origin": ours})
        assert (too_large.status_code, too_large.headers["access-control-allow-origin"]) == (413, ours)


async def test_while_the_database_is_away_a_request_is_told_to_come_back(settings: Settings) -> None:
    async with served(
        settings, database_url="postgresql+asyncpg://app@/none?host=/nowhere&port=5432"
    ) as client:
        headers = {"authorization": f"Bearer {'a' * 43}"}
        for answer in (
            await client.get("/v1/me", headers=headers),
            await client.post("/v1/auth/codes", json={"phone": PHONE}),
        ):
            is_problem(answer, 503, "try_again")
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, "away")
        assert (await client.get("/metrics")).status_code == 200


async def test_readiness_tells_of_each_thing_we_stand_on(
    client: AsyncClient, settings: Settings, work: Begin
) -> None:
    assert (await client.get("/readyz")).json() == {
        "ready": True, "database": "ok", "migration": "ok", "valkey": "ok",
    }  # fmt: skip
    async with served(settings, valkey_url="unix:///nowhere/valkey.sock?db=0") as other:
        ready = await other.get("/readyz")
        assert (ready.status_code, ready.json()["valkey"]) == (200, "away")
    async with work() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["migration"]) == (503, "behind")


async def test_the_metrics_count_requests_by_route_and_not_by_address(client: AsyncClient) -> None:
    await asyncio.gather(*(client.get(f"/v1/staff/{n}") for n in range(3)))
    told = (await client.get("/metrics")).text
    assert 'tongxing_http_requests_total{method="GET",route="/v1/staff/{account_id}",status="401"}' in told
    assert "/v1/staff/2" not in told
    assert "tongxing_outbox_pending 0.0" in told
    assert f"tongxing_calendar_published_until {float(MAINLAND.last_year)}" in told


# --- Production ------------------------------------------------------------------------------------------------


def test_production_names_every_fault_and_does_not_start() -> None:
    with pytest.raises(NotReadyForProduction) as refused:
        create_app(Settings(_env_file=None, mode="production", cors_origins=("*",)))
    for name in (
        "SEALING_KEYS",
        "INDEX_KEY",
        "DATABASE_URL",
        "VALKEY_URL",
        "SMS_URL",
        "FCM_SERVICE_ACCOUNT",
        "SMTP_HOST",
        "FILES_URL",
        "CORS_ORIGINS",
    ):
        assert f"TONGXING_{name}" in str(refused.value)


async def test_production_has_no_development_address(settings: Settings) -> None:
    ready = {
        "mode": "production",
        "sealing_keys": Settings.model_validate({"sealing_keys": f"k:{'A' * 43}="}).sealing_keys,
        "index_key": Settings.model_validate({"index_key": f"{'B' * 43}="}).index_key,
        "sms_url": "https://sms.example/send",
        "sms_secret": Settings.model_validate({"sms_secret": "s"}).sms_secret,
        "fcm_service_account": Path("/run/secrets/fcm.json"),  # a worker reads it
        "smtp_host": "smtp.example",
        "smtp_sender": "home@example.com",
        "public_url": "https://home.example",
        "files_url": "file:///var/lib/tongxing/files",
    }
    async with served(settings, **ready) as client:
        assert (await client.get("/readyz")).status_code == 200
        for path in ("/dev/mailbox", "/dev/mailbox/messages", "/dev/clock"):
            is_problem(await client.get(path), 404, "no_such_address")
        is_problem(await client.post("/dev/clock", json={"by": "P1D"}), 404, "no_such_address")
        assert "/dev/" not in (await client.get("/openapi.json")).text
