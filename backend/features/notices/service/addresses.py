"""One's e-mail address: nothing goes there but a code, until somebody has typed that code into the app."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from backend.core.caller import Caller
from backend.core.errors import Invalid, TooMany
from backend.core.ids import new_id
from backend.core.locale import Locale
from backend.db.work import Work
from backend.features.notices.kinds import SEALED_FOR
from backend.features.notices.models import EmailCheck
from backend.features.notices.repository import addresses, codes
from backend.platform.process import Process

LIFE: Final = timedelta(minutes=15)
"""A mail may be held back for five minutes by the server it comes to; `notice.email_code_*` say how long it counts."""

TRIES: Final = 5
PAUSE: Final = timedelta(minutes=1)
A_DAY: Final = 10
_DAY: Final = timedelta(days=1)
_PURPOSE: Final = "email_code"


async def ask_for_email(
    process: Process, work: Work, caller: Caller, now: datetime, email: str, locale: Locale
) -> None:
    """Have a code sent to an address that shall be the caller's; the one before stays theirs until it is typed in.

    Raises:
        TooMany: `codes_too_many`: a code a minute, ten a day, whatever the address.
    """
    lately = await addresses.asked_lately(work, caller.account_id, _DAY)
    if lately.last is not None and lately.last > now - PAUSE:
        wait = (lately.last + PAUSE - now).total_seconds()
        raise TooMany("codes_too_many", retry_after=max(1, round(wait)))
    if lately.count >= A_DAY:
        raise TooMany("codes_too_many", retry_after=int(_DAY.total_seconds() / A_DAY))
    code = f"{secrets.randbelow(10**6):06}"
    check = EmailCheck(
        id=new_id(),
        account_id=caller.account_id,
        email=email,
        digest=_digest(process, caller, email, code),
        expires_at=now + LIFE,
        created_at=now,
    )
    await addresses.ask(work, check)
    await codes.add(
        work,
        "email_code",
        check.id,
        account_id=caller.account_id,
        address=email,
        locale=locale,
        sealed=process.sealer.seal(code, purpose=SEALED_FOR),
        expires_at=check.expires_at,
    )


async def confirm_email(process: Process, work: Work, caller: Caller, now: datetime, code: str) -> None:
    """The caller has read the code: the address is theirs, and e-mail goes to it from now on.

    Raises:
        Invalid: `code_wrong`: wrong, expired, used, of an address asked for before, or tried too often.
    """
    newest = await addresses.count_try(work, caller.account_id, now, TRIES)
    # The try counts, whatever becomes of this request.
    await work.commit()
    if newest is None or not hmac.compare_digest(newest.digest, _digest(process, caller, newest.email, code)):
        raise Invalid("code_wrong", field="code")
    if not await addresses.use(work, newest.id, caller.account_id, newest.email, now):
        raise Invalid("code_wrong", field="code")


async def give_email_up(work: Work, caller: Caller, now: datetime) -> None:
    """No e-mail goes to the caller any more."""
    await addresses.give_up(work, caller.account_id, now)


async def forget_codes(work: Work) -> None:
    """Forget the codes of addresses that no count needs any more."""
    await addresses.forget(work, _DAY)


def _digest(process: Process, caller: Caller, email: str, code: str) -> bytes:
    return process.sealer.digest(f"{caller.account_id}:{email}:{code}", purpose=_PURPOSE)
