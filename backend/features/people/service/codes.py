"""Signing in by phone: six digits, five minutes, five tries, one use; alike for phones we know and phones we do not."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.errors import Invalid, NotSignedIn
from backend.core.ids import new_id
from backend.core.locale import Locale
from backend.core.sealing import Sealer
from backend.db.work import Work
from backend.features.people.limits import CodeLimits
from backend.features.people.models import OneTimeCode
from backend.features.people.repository import accounts, codes
from backend.features.people.rules import CODE_LIFE, CODE_TRIES, PhoneInvalid, read_phone
from backend.features.people.service.authentication import Opened, open_session
from backend.platform.outbox import enqueue
from backend.platform.process import Process

SEND_CODE = "send_code"
_PURPOSE = "one_time_code"


@dataclass(frozen=True, slots=True)
class Asking:
    """Where a request comes from: network address, the device's own name, language."""

    address: str
    device: str
    locale: Locale


def checked_phone(spelled: str, field: str = "phone") -> str:
    """E.164, or a refusal that names the field.

    Raises:
        Invalid: `phone_invalid`.
    """
    try:
        return read_phone(spelled)
    except PhoneInvalid:
        raise Invalid("phone_invalid", field=field) from None


async def request_code(process: Process, work: Work, limits: CodeLimits, phone: str, asking: Asking) -> None:
    """Have a code sent, if the phone is one we know. Nothing the caller can see tells whether it is.

    Raises:
        Invalid: `phone_invalid`.
        TooMany: `codes_too_many`.
    """
    phone = checked_phone(phone)
    now = process.clock.now()
    await limits.count_request(work, phone, asking.address, now)
    code = f"{secrets.randbelow(10**6):06}"
    code_id = new_id()
    work.add(
        OneTimeCode(
            id=code_id,
            phone=phone,
            digest=_code_digest(process.sealer, phone, code),
            address=asking.address,
            expires_at=now + CODE_LIFE,
            created_at=now,
        )
    )
    sealed = process.sealer.seal(f"{phone} {code}", purpose=_PURPOSE)
    payload = {"code_id": str(code_id), "sealed": sealed.hex(), "locale": asking.locale}
    await enqueue(work, process.waker, SEND_CODE, payload)


@dataclass(frozen=True, slots=True)
class CodeToSend:
    """A code on its way. `reference` is the same however often the job is tried, so that the gateway sends it once."""

    account_id: UUID
    phone: str
    code: str
    reference: UUID
    expires_at: datetime


async def code_to_send(
    work: Work, sealer: Sealer, payload: dict[str, Any], now: datetime
) -> CodeToSend | None:
    """What a `send_code` job is to send; None for a phone that belongs to nobody, and for a code that has expired."""
    phone, _, code = sealer.open(bytes.fromhex(payload["sealed"]), purpose=_PURPOSE).partition(" ")
    kept = await work.get(OneTimeCode, UUID(payload["code_id"]))
    if kept is None or kept.expires_at <= now:
        return None
    account = await accounts.owner_by_phone(work, phone)
    return None if account is None else CodeToSend(account.id, phone, code, kept.id, kept.expires_at)


async def redeem_code(
    process: Process, work: Work, limits: CodeLimits, phone: str, code: str, asking: Asking
) -> Opened:
    """Sign in with a code.

    Raises:
        Invalid: `phone_invalid`.
        NotSignedIn: `code_wrong`: wrong, expired, used, superseded or tried too often.
        TooMany: `tries_too_many`.
    """
    phone = checked_phone(phone)
    now = process.clock.now()
    await limits.count_try(work, asking.address, now)
    newest = await codes.count_try(work, phone, now, CODE_TRIES)
    # The try counts, whatever becomes of this request.
    await work.commit()
    if newest is None or not hmac.compare_digest(newest.digest, _code_digest(process.sealer, phone, code)):
        raise NotSignedIn("code_wrong", field="code")
    account = await accounts.owner_by_phone(work, phone)
    if account is None or not await codes.use_up(work, newest, now):
        raise NotSignedIn("code_wrong", field="code")
    return await open_session(
        work, process.settings, account, device=asking.device, address=asking.address, now=now
    )


def _code_digest(sealer: Sealer, phone: str, code: str) -> bytes:
    return sealer.digest(f"{phone}:{code}", purpose=_PURPOSE)
