"""Alibaba Cloud's Short Message Service as documented: `SendSms` and `QuerySendDetails`, signed requests only.

It sends whatever it is asked to as often as it is asked, as the real one does.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

_SKEW_SECONDS = 900
_CHINA = ZoneInfo("Asia/Shanghai")
Answer = tuple[int, dict[str, Any] | str]


def says(code: str, message: str = "", *, status: int = 200) -> Answer:
    """An answer with this code."""
    return status, {"Code": code, "Message": message, "RequestId": "R"}


@dataclass
class AliyunSms:
    """`next_answers` are given, one each, before anything is sent. `dies` closes the connection, once.

    `filed` are the records that `QuerySendDetails` shows, by number; `hides` leaves them out but counts them.
    """

    keys: dict[str, str]
    url: str = ""
    templates: tuple[str, ...] = ("SMS_1",)
    next_answers: list[Answer] = field(default_factory=list)
    dies: Literal["before", "after"] | None = None
    hides: bool = False
    filed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    looked_up: list[dict[str, str]] = field(default_factory=list)
    _nonces: set[str] = field(default_factory=set)

    def sent(self) -> list[dict[str, Any]]:
        """Every message that went out."""
        return [record for records in self.filed.values() for record in records]

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        await request.read()
        refused = self._refuses(request)
        if refused is not None:
            return _answer(refused)
        if request.headers["x-acs-action"] == "QuerySendDetails":
            return _answer(self.next_answers.pop(0) if self.next_answers else self._details(request.query))
        if self.dies == "before":
            return self._cut(request)
        if self.next_answers:
            return _answer(self.next_answers.pop(0))
        answer = self._send(request.query)
        return self._cut(request) if self.dies == "after" else _answer(answer)

    def _send(self, params: Any) -> Answer:
        if params["TemplateCode"] not in self.templates:
            return says("isv.SMS_TEMPLATE_ILLEGAL", "模板不合法")
        if not all(isinstance(value, str) for value in json.loads(params["TemplateParam"]).values()):
            return says("isv.INVALID_JSON_PARAM")
        record = {
            "PhoneNum": params["PhoneNumbers"],
            "OutId": params["OutId"],
            "SendStatus": 1,
            "TemplateCode": params["TemplateCode"],
            "Content": f"【{params['SignName']}】{params['TemplateParam']}",
            "SendDate": f"{datetime.now(_CHINA):%Y-%m-%d %H:%M:%S}",
        }
        self.filed.setdefault(params["PhoneNumbers"], []).append(record)
        return 200, {"Code": "OK", "Message": "OK", "RequestId": "R", "BizId": f"biz-{len(self.sent())}^0"}

    def _details(self, params: Any) -> Answer:
        self.looked_up.append(dict(params))
        asked = params["SendDate"]
        day = f"{asked[:4]}-{asked[4:6]}-{asked[6:]}"
        size, page = int(params["PageSize"]), int(params["CurrentPage"])
        records = [r for r in self.filed.get(params["PhoneNumber"], []) if r["SendDate"].startswith(day)]
        shown = [] if self.hides else records[(page - 1) * size : page * size]
        details = {"SmsSendDetailDTO": shown}
        return 200, {"Code": "OK", "Message": "OK", "TotalCount": len(records), "SmsSendDetailDTOs": details}

    def _refuses(self, request: web.Request) -> Answer | None:
        """The checks in front of every service of theirs."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        given = dict(part.split("=", 1) for part in rest.split(",") if "=" in part)
        secret = self.keys.get(given.get("Credential", ""))
        if scheme != "ACS3-HMAC-SHA256" or secret is None:
            return says("InvalidAccessKeyId.NotFound", "Specified access key is not found.", status=404)
        names = given["SignedHeaders"].split(";")
        wanted = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"}
        if not wanted | {"x-acs-version"} <= set(names):
            return says("IncompleteSignature", status=400)
        query = "&".join(
            f"{quote(name, safe='~')}={quote(value, safe='~')}"
            for name, value in sorted(request.query.items())
        )
        lines = "".join(f"{name}:{request.headers[name]}\n" for name in names)
        payload = hashlib.sha256(b"").hexdigest()
        canonical = f"{request.method}\n/\n{query}\n{lines}\n{';'.join(names)}\n{payload}"
        signed = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        expected = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, given.get("Signature", "")):
            return says("SignatureDoesNotMatch", status=400)
        said = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs((datetime.now(UTC) - said).total_seconds()) > _SKEW_SECONDS:
            return says("InvalidTimeStamp.Expired", status=400)
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            return says("SignatureNonceUsed", status=400)
        self._nonces.add(nonce)
        return None

    def _cut(self, request: web.Request) -> web.StreamResponse:
        self.dies = None
        assert isinstance(request.transport, asyncio.Transport)
        request.transport.abort()
        return web.Response()


def _answer(answer: Answer) -> web.StreamResponse:
    status, body = answer
    if isinstance(body, str):
        return web.Response(status=status, text=body)
    return web.json_response(body, status=status)


@asynccontextmanager
async def aliyun_sms(**keys: str) -> AsyncIterator[AliyunSms]:
    """The service on a port of its own, for callers who hold one of `keys`."""
    service = AliyunSms(keys)
    app = web.Application()
    app.router.add_route("*", "/", service.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield service
    finally:
        await runner.cleanup()
