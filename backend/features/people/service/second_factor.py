"""Enrolling, confirming and turning off an employee's authenticator."""

from dataclasses import dataclass
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotAllowed
from backend.db.work import Work
from backend.features.people.models import Account, StaffCredential
from backend.features.people.repository import accounts, sessions, staff
from backend.features.people.service.authentication import signal_revoked
from backend.features.people.service.passwords import (
    check_strength,
    hash_password,
    new_recovery_codes,
    new_totp_secret,
    password_fits,
    totp_address,
    totp_step,
)
from backend.features.people.service.staff_sign_in import RECOVERY_PURPOSE, TOTP_PURPOSE
from backend.features.people.service.tries import begin_try
from backend.platform.process import Process


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator app needs. Shown this once."""

    secret: str
    address: str


async def enrol_totp(process: Process, work: Work, caller: Caller) -> Enrolment:
    """A fresh secret, in force once it is confirmed.

    Raises:
        Conflict: `totp_already_on`.
    """
    account, credential = await _own(work, caller.account_id)
    if credential.totp_confirmed_at is not None:
        raise Conflict("totp_already_on")
    secret = new_totp_secret()
    credential.totp_sealed = process.sealer.seal(secret, purpose=TOTP_PURPOSE)
    await work.flush()
    return Enrolment(secret, totp_address(secret, account.employee_no or ""))


async def confirm_totp(process: Process, work: Work, caller: Caller, code: str) -> list[str]:
    """Put the enrolled secret in force. Returns the recovery codes, shown this once.

    Raises:
        Conflict: `totp_not_enrolled`, `totp_already_on`.
        Invalid: `totp_wrong`.
    """
    account, credential = await _own(work, caller.account_id)
    if credential.totp_sealed is None:
        raise Conflict("totp_not_enrolled")
    if credential.totp_confirmed_at is not None:
        raise Conflict("totp_already_on")
    now = process.clock.now()
    secret = process.sealer.open(credential.totp_sealed, purpose=TOTP_PURPOSE)
    step = totp_step(secret, code, now, after=None)
    if step is None:
        raise Invalid("totp_wrong", field="code")
    credential.totp_confirmed_at, credential.totp_step = now, step
    codes = new_recovery_codes()
    digests = [process.sealer.digest(f"{account.id}:{c}", purpose=RECOVERY_PURPOSE) for c in codes]
    await staff.replace_recovery_codes(work, account.id, digests)
    return codes


async def turn_totp_off(process: Process, work: Work, caller: Caller, password: str, address: str) -> None:
    """Sign in without an authenticator from now on.

    Raises:
        NotAllowed: `password_wrong`.
        TooMany: `locked_for_now`: tries are counted as when signing in from `address`.
    """
    account, _credential = await _own(work, caller.account_id)
    credential = await _own_by_password(process, work, account, password, address, field="password")
    credential.totp_sealed = credential.totp_confirmed_at = credential.totp_step = None
    await staff.replace_recovery_codes(work, caller.account_id, [])


async def change_password(
    process: Process, work: Work, caller: Caller, present: str, wanted: str, address: str
) -> None:
    """Change one's own password; every other session of the account ends.

    Raises:
        NotAllowed: `password_wrong`.
        TooMany: `locked_for_now`: tries are counted as when signing in from `address`.
        Invalid: `password_weak`.
    """
    account, _credential = await _own(work, caller.account_id)
    # Before the present one is looked at: a weak wish is no failed try.
    check_strength(wanted, account.employee_no or "")
    credential = await _own_by_password(process, work, account, present, address, field="present")
    credential.password_hash = await hash_password(wanted)
    ended = await sessions.revoke_all(work, account.id, process.clock.now(), but=caller.session_id)
    await signal_revoked(work, process.signals, ended)


async def _own(work: Work, account_id: UUID) -> tuple[Account, StaffCredential]:
    account = await accounts.account(work, account_id)
    credential = await staff.credential(work, account_id, lock=True)
    if account is None or credential is None:
        raise NotAllowed("staff_only")
    return account, credential


async def _own_by_password(
    process: Process, work: Work, account: Account, password: str, address: str, *, field: str
) -> StaffCredential:
    """One's own credential, locked, once the password was given: a stolen session must not serve to guess it."""
    attempt = await begin_try(process, work, account.employee_no or "", address)
    _account, credential = await _own(work, account.id)
    if not await password_fits(credential.password_hash, password):
        raise NotAllowed("password_wrong", field=field)
    await staff.attempt_succeeded(work, attempt)
    return credential
