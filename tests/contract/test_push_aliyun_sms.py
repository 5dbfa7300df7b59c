"""SMS through Alibaba Cloud: its signature beside the official SDK's, its answers, and what became of a message."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.request import DaraRequest
from darabonba.runtime import RuntimeOptions
from hypothesis import given, settings
from hypothesis import strategies as st

from push.aliyun_sms import AliyunSms, authorization, canonical_query
from push.channel import SmsChannel
from push.message import (
    Accepted,
    Ambiguous,
    DeadAddress,
    Message,
    NotTaken,
    Outcome,
    Refused,
    RetryAfter,
    Stopped,
    Unknown,
)
from tests.fakes.aliyun_sms import AliyunSms as Service
from tests.fakes.aliyun_sms import Answer, aliyun_sms, says
from tests.fakes.proxy import forward_proxy

CODE = Message(
    "+8613800000001", "验证码", "验证码 402913", "d-1", template="one_time_code", params={"code": "402913"}
)
PHONE = "13800000001"


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with aliyun_sms(ours="between us") as running:
        yield running


@asynccontextmanager
async def opened(service: Service, **options: Any) -> AsyncIterator[AliyunSms]:
    given_options = {"key_id": "ours", "secret": "between us", "url": service.url} | options
    channel = AliyunSms(sign_name="同行", templates={"one_time_code": "SMS_1"}, **given_options)
    try:
        yield channel
    finally:
        await channel.aclose()


async def outcome(service: Service, message: Message = CODE, **options: Any) -> Outcome:
    async with opened(service, **options) as channel:
        [one] = await channel.send([message])
        return one


class TestSignature:
    """Ours is the official SDK's, for every request."""

    names = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789"), min_size=1, max_size=12)
    values = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    headers = st.dictionaries(
        st.from_regex(r"x-acs-[a-z][a-z-]{0,12}", fullmatch=True),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        max_size=6,
    )

    @settings(max_examples=150, deadline=None)
    @given(
        params=st.dictionaries(names, values, max_size=8),
        headers=headers,
        host=st.from_regex(r"[a-z]{1,20}\.aliyuncs\.com(:[0-9]{2,4})?", fullmatch=True),
        key_id=names,
        secret=values,
        body=st.binary(max_size=64),
    )
    def test_it_is_the_official_one(
        self,
        params: dict[str, str],
        headers: dict[str, str],
        host: str,
        key_id: str,
        secret: str,
        body: bytes,
    ) -> None:
        request = DaraRequest()
        request.method, request.pathname, request.query = "POST", "/", params
        request.headers = {"host": host} | headers
        payload = hashlib.sha256(body).hexdigest()
        official = Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, key_id, secret)
        ours = authorization(
            "POST", canonical_query(params), request.headers, key_id=key_id, secret=secret, payload=payload
        )
        assert ours == official

    async def test_the_service_of_our_tests_believes_the_official_client(self, service: Service) -> None:
        official = Client(
            Config(
                access_key_id="ours",
                access_key_secret="between us",
                endpoint=service.url.removeprefix("http://"),
                protocol="HTTP",
            )
        )
        action = Params(
            action="SendSms",
            version="2017-05-25",
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        query = {
            "PhoneNumbers": PHONE,
            "SignName": "同行",
            "TemplateCode": "SMS_1",
            "TemplateParam": '{"code": "1 2+3~*"}',
            "OutId": "o-1",
        }
        call = partial(official.call_api, action, OpenApiRequest(query=query), RuntimeOptions())
        answer = await asyncio.to_thread(call)
        assert answer["body"]["Code"] == "OK"
        assert [record["OutId"] for record in service.sent()] == ["o-1"]

    async def test_without_the_secret_nothing_goes_out(self, service: Service) -> None:
        assert isinstance(await outcome(service, secret="a guess"), Stopped)
        assert isinstance(await outcome(service, key_id="nobody"), Stopped)
        late = await outcome(service, now=lambda: datetime.now(UTC) + timedelta(hours=1))
        assert isinstance(late, Stopped)
        assert service.sent() == []


async def test_a_template_goes_out_with_its_words(service: Service) -> None:
    async with opened(service) as channel:
        speaks: SmsChannel = channel
        found = await speaks.send([CODE, replace(CODE, address="+85291234567", params={"名": "林 +&=~'%"})])
    assert set(found) == {Accepted("biz-1^0"), Accepted("biz-2^0")}
    here, abroad = sorted(service.sent(), key=lambda record: str(record["PhoneNum"]))
    assert here["PhoneNum"] == PHONE
    assert here["OutId"] == "d-1"
    assert here["Content"] == '【同行】{"code": "402913"}'
    assert abroad["PhoneNum"] == "85291234567"
    assert abroad["Content"] == '【同行】{"名": "林 +&=~\'%"}'


@pytest.mark.parametrize("template", [None, "unheard_of"])
async def test_a_wording_nobody_approved_is_not_sent(service: Service, template: str | None) -> None:
    assert isinstance(await outcome(service, replace(CODE, template=template)), Refused)
    assert service.sent() == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            says("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"),
            RetryAfter(60.0, "isv.BUSINESS_LIMIT_CONTROL 触发分钟级流控Permits:1"),
        ),
        (
            says("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:40"),
            RetryAfter(3600.0, "isv.BUSINESS_LIMIT_CONTROL 触发天级流控Permits:40"),
        ),
        (
            says("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号"),
            DeadAddress("isv.MOBILE_NUMBER_ILLEGAL 非法手机号"),
        ),
        (says("isv.AMOUNT_NOT_ENOUGH"), Stopped("isv.AMOUNT_NOT_ENOUGH ")),
        (says("isv.OUT_OF_SERVICE"), Stopped("isv.OUT_OF_SERVICE ")),
        (says("isv.DAY_LIMIT_CONTROL"), Stopped("isv.DAY_LIMIT_CONTROL ")),
        (says("isp.RAM_PERMISSION_DENY"), Stopped("isp.RAM_PERMISSION_DENY ")),
        (says("Forbidden.RAM", status=403), Stopped("Forbidden.RAM ")),
        (says("InvalidAccessKeyId.Inactive", status=403), Stopped("InvalidAccessKeyId.Inactive ")),
        (says("isv.SMS_TEMPLATE_ILLEGAL"), Stopped("isv.SMS_TEMPLATE_ILLEGAL ", everybody=False)),
        (says("isv.TEMPLATE_MISSING_PARAMETERS"), Refused("isv.TEMPLATE_MISSING_PARAMETERS ")),
        (says("isv.BLACK_KEY_CONTROL_LIMIT"), Refused("isv.BLACK_KEY_CONTROL_LIMIT ")),
        (says("isp.SYSTEM_ERROR"), Ambiguous("isp.SYSTEM_ERROR ")),
        (says("ServiceUnavailable", status=503), Ambiguous("ServiceUnavailable ")),
        ((502, "<html>"), Ambiguous("HTTP 502 without a code")),
        ((200, "taken?"), Ambiguous("HTTP 200 without a code")),
    ],
)
async def test_what_the_service_says_becomes_an_outcome(
    service: Service, answer: Answer, expected: Outcome
) -> None:
    service.next_answers.append(answer)
    assert await outcome(service) == expected
    assert service.sent() == []


async def test_throttling_holds_everybody_back_a_used_nonce_only_itself(service: Service) -> None:
    service.next_answers = [says("Throttling.User", status=400), says("SignatureNonceUsed", status=400)]
    async with opened(service) as channel:
        [throttled], [repeated] = await channel.send([CODE]), await channel.send([CODE])
    assert isinstance(throttled, RetryAfter)
    assert throttled.everybody
    assert isinstance(repeated, RetryAfter)
    assert not repeated.everybody


async def test_a_service_that_is_away_has_taken_nothing() -> None:
    found = await outcome(Service({}, url="http://127.0.0.1:1"))
    assert isinstance(found, RetryAfter)
    assert found.everybody


class TestFate:
    """An SMS of unknown fate is looked up, and never sent twice."""

    async def test_what_was_taken_before_the_line_broke_is_found(self, service: Service) -> None:
        service.dies = "after"
        async with opened(service) as channel:
            assert await channel.send([CODE]) == [Ambiguous("RemoteProtocolError")]
            assert await channel.fate("d-1", CODE.address, today()) == Accepted("d-1")
        assert len(service.sent()) == 1

    async def test_what_was_never_taken_is_not(self, service: Service) -> None:
        service.dies = "before"
        async with opened(service) as channel:
            [found] = await channel.send([CODE])
            assert isinstance(found, Ambiguous)
            assert found.repeat_after is None
            await channel.send([replace(CODE, reference="d-2")])
            assert isinstance(await channel.fate("d-1", CODE.address, today()), NotTaken)

    async def test_every_page_and_the_day_after_are_looked_at(self, service: Service) -> None:
        async with opened(service) as channel:
            await channel.send([replace(CODE, reference=f"o-{n}") for n in range(120)])
            await channel.send([CODE])
            assert await channel.fate("d-1", CODE.address, today()) == Accepted("d-1")
            assert [asked["CurrentPage"] for asked in service.looked_up] == ["1", "2", "3"]
            yesterday = today() - timedelta(days=1)
            assert await channel.fate("d-1", CODE.address, yesterday) == Accepted("d-1")

    async def test_what_the_carrier_gave_back_reached_nobody(self, service: Service) -> None:
        async with opened(service) as channel:
            await channel.send([CODE])
            service.sent()[0].update(SendStatus=2, ErrCode="MOBILE_NOT_ON_SERVICE")
            assert await channel.fate("d-1", CODE.address, today()) == NotTaken("MOBILE_NOT_ON_SERVICE")
            await channel.send([CODE])
            assert await channel.fate("d-1", CODE.address, today()) == Accepted("d-1")

    @pytest.mark.parametrize(
        "answer", [says("isv.AMOUNT_NOT_ENOUGH"), (502, "<html>"), (200, "[]"), (200, '{"Code": "OK"}')]
    )
    async def test_what_cannot_be_said_is_unknown(self, service: Service, answer: Answer) -> None:
        service.next_answers.append(answer)
        async with opened(service) as channel:
            assert isinstance(await channel.fate("d-1", CODE.address, today()), Unknown)

    async def test_records_that_are_counted_and_not_shown_may_be_ours(self, service: Service) -> None:
        async with opened(service) as channel:
            await channel.send([replace(CODE, reference="d-2")])
            service.hides = True
            assert await channel.fate("d-1", CODE.address, today()) == Unknown("0 of 1 records shown")
        gone = Service({}, url="http://127.0.0.1:1")
        async with opened(gone) as channel:
            assert isinstance(await channel.fate("d-1", CODE.address, today()), Unknown)


async def test_it_goes_through_the_proxy_it_is_given(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with forward_proxy() as proxy:
        assert isinstance(await outcome(service, proxy=proxy.address), Accepted)
    assert len(proxy.asked) == 1
