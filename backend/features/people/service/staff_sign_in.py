"""Staff sign in by employee number, password and, when enrolled, a time-based code."""

from backend.core.errors import NotSignedIn
from backend.db.work import Work
from backend.features.people.models import Account, StaffCredential
from backend.features.people.repository import accounts, staff
from backend.features.people.service.authentication import Opened, open_session
from backend.features.people.service.codes import Asking
from backend.features.people.service.passwords import password_fits, totp_step
from backend.features.people.service.tries import begin_try
from backend.platform.process import Process

TOTP_PURPOSE = "staff_credential.totp"
RECOVERY_PURPOSE = "recovery_code"


async def staff_sign_in(
    process: Process, work: Work, *, employee_no: str, password: str, totp: str | None, asking: Asking
) -> Opened:
    """Sign an employee in.

    Raises:
        NotSignedIn: `credentials_wrong`, `totp_required`.
        TooMany: `locked_for_now`.
    """
    attempt = await begin_try(process, work, employee_no.upper(), asking.address)
    account = await accounts.staff_by_number(work, employee_no)
    credential = await staff.credential(work, account.id) if account else None
    # Do not hold a connection while argon2 works.
    await work.commit()
    if not await password_fits(credential.password_hash if credential else None, password):
        raise NotSignedIn("credentials_wrong")
    if account is None or account.disabled_at is not None:
        raise NotSignedIn("credentials_wrong")

    tried = credential.password_hash if credential else None
    credential = await staff.credential(work, account.id, lock=True)
    if credential is None or credential.password_hash != tried:
        # It was changed while we looked at the old one.
        raise NotSignedIn("credentials_wrong")
    if credential.totp_confirmed_at is not None:
        if totp is None:
            await staff.withdraw_attempt(work, attempt)
            await work.commit()
            raise NotSignedIn("totp_required", field="totp")
        if not await _second_factor_fits(process, work, account, credential, totp):
            raise NotSignedIn("credentials_wrong")
    await staff.attempt_succeeded(work, attempt)
    return await open_session(
        work, process.settings, account, device=asking.device, address=asking.address, now=process.clock.now()
    )


async def _second_factor_fits(
    process: Process, work: Work, account: Account, credential: StaffCredential, given: str
) -> bool:
    now = process.clock.now()
    if "-" in given:
        digest = process.sealer.digest(f"{account.id}:{given.strip().upper()}", purpose=RECOVERY_PURPOSE)
        return await staff.use_recovery_code(work, account.id, digest, now)
    assert credential.totp_sealed is not None
    secret = process.sealer.open(credential.totp_sealed, purpose=TOTP_PURPOSE)
    step = totp_step(secret, given, now, after=credential.totp_step)
    if step is None:
        return False
    credential.totp_step = step
    await work.flush()
    return True
