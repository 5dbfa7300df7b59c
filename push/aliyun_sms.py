"""SMS through Alibaba Cloud's Short Message Service: `SendSms` and `QuerySendDetails` of dysmsapi, 2017-05-25.

Requests are signed by the third version of their signature, `ACS3-HMAC-SHA256`. The service sends approved templates
only, and sends whatever it is asked to as often as it is asked: a message whose fate is unknown is looked up by its
`OutId`, our reference.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx

from push.aliyun_answers import outcome
from push.message import Accepted, Ambiguous, Fate, Message, NotTaken, Outcome, Refused, RetryAfter, Unknown
from push.pauses import growing
from push.several import several

URL = "https://dysmsapi.aliyuncs.com"
_VERSION = "2017-05-25"
_ALGORITHM = "ACS3-HMAC-SHA256"
_NOTHING = hashlib.sha256(b"").hexdigest()
_PAGE = 50
_AT_ONCE = 8
_CHINA = ZoneInfo("Asia/Shanghai")
_FAILED = 2


def canonical_query(params: Mapping[str, str]) -> str:
    """The query string, as it is signed and as it is sent."""
    return "&".join(f"{name}={quote(value, safe='~')}" for name, value in sorted(params.items()))


def authorization(
    method: str, query: str, headers: Mapping[str, str], *, key_id: str, secret: str, payload: str = _NOTHING
) -> str:
    """The `Authorization` of a request to `/` with these headers, all of which are signed. Names in lower case."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = f"{method}\n/\n{query}\n{lines}\n{names}\n{payload}"
    signed = f"{_ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


class AliyunSms:
    """An `SmsChannel`.

    `templates` maps our names of them to the approved codes (`SMS_...`); `sign_name` is the approved signature.
    `proxy` is the `http://` address of a forward proxy.
    """

    # Details appear some seconds after the sending; a minute is late enough for a gateway that is not ill.
    settles = 120.0

    def __init__(
        self,
        *,
        key_id: str,
        secret: str,
        sign_name: str,
        templates: Mapping[str, str],
        url: str = URL,
        proxy: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._key_id, self._secret, self._sign_name = key_id, secret, sign_name
        self._templates, self._url, self._now = dict(templates), httpx.URL(url), now
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(10, connect=5), proxy=proxy or None, trust_env=False
        )

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand messages over, a few at a time."""
        return await several(messages, self._send_one, _AT_ONCE)

    async def fate(self, reference: str, address: str, day: date) -> Fate:
        """What became of the message of this reference. The day after is looked at too: an attempt just before
        midnight may be filed under it.
        """
        today = self._now().astimezone(_CHINA).date()
        fate: Fate = NotTaken("no such record")
        for filed in (day, day + timedelta(days=1)):
            if filed <= today and isinstance(fate, NotTaken):
                fate = await self._filed(reference, address, filed)
        return fate

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _send_one(self, message: Message) -> Outcome:
        code = self._templates.get(message.template or "")
        if code is None:
            return Refused(f"no approved template for {message.template!r}")
        params = {
            "PhoneNumbers": _number(message.address),
            "SignName": self._sign_name,
            "TemplateCode": code,
            "TemplateParam": json.dumps(message.params, ensure_ascii=False),
            "OutId": message.reference,
        }
        try:
            response = await self._ask("SendSms", params)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            return RetryAfter(growing(message), type(error).__name__, everybody=True)
        except httpx.HTTPError as error:
            return Ambiguous(type(error).__name__)
        return outcome(response.status_code, response.content, message)

    async def _filed(self, reference: str, address: str, day: date) -> Fate:
        """The record of one day. What was given back by the carrier reached nobody."""
        seen, page, given_back = 0, 1, ""
        while True:
            params = {
                "PhoneNumber": _number(address),
                "SendDate": f"{day:%Y%m%d}",
                "PageSize": str(_PAGE),
                "CurrentPage": str(page),
            }
            try:
                said = (await self._ask("QuerySendDetails", params)).json()
                if said["Code"] != "OK":
                    return Unknown(str(said["Code"]))
                records: list[dict[str, Any]] = said["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
                total = int(said["TotalCount"])
                ours = [record for record in records if record.get("OutId") == reference]
            except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
                return Unknown(type(error).__name__)
            if any(record.get("SendStatus") != _FAILED for record in ours):
                return Accepted(reference)
            given_back = next((str(record.get("ErrCode")) for record in ours), given_back)
            seen, page = seen + len(records), page + 1
            if seen >= total:
                return NotTaken(given_back or "no such record")
            if not records:
                # It counts more than it shows: what is hidden may be ours.
                return Unknown(f"{seen} of {total} records shown")

    async def _ask(self, action: str, params: Mapping[str, str]) -> httpx.Response:
        query = canonical_query(params)
        headers = {
            "host": self._url.netloc.decode(),
            "x-acs-action": action,
            "x-acs-content-sha256": _NOTHING,
            "x-acs-date": f"{self._now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": _VERSION,
        }
        headers["authorization"] = authorization(
            "POST", query, headers, key_id=self._key_id, secret=self._secret
        )
        return await self._client.post(self._url.copy_with(query=query.encode()), headers=headers)


def _number(phone: str) -> str:
    """A mainland number goes without its country code, any other with it and without the plus."""
    return phone.removeprefix("+86") if phone.startswith("+86") else phone.removeprefix("+")
