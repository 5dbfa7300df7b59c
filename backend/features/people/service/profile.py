"""One's own account."""

from backend.core.caller import Caller
from backend.core.errors import Conflict, NotSignedIn
from backend.core.locale import Locale
from backend.db.work import Work
from backend.features.people.models import Account
from backend.features.people.repository import accounts, households, staff


async def my_account(work: Work, caller: Caller, *, lock: bool = False) -> Account:
    """The caller's account; `lock` when it is about to be changed."""
    account = await accounts.account(work, caller.account_id, lock=lock)
    if account is None:
        raise NotSignedIn()
    return account


async def edit_my_account(
    work: Work, account: Account, *, name: str | None, locale: Locale | None
) -> Account:
    """Change one's name or language.

    Raises:
        Conflict: `name_from_contract`: an owner's name is the contract's, an employee's the company's.
    """
    if name is not None and name != account.name:
        if account.kind == "staff" or await households.owns_a_home(work, account.id):
            raise Conflict("name_from_contract", field="name")
        account.name = name
    if locale is not None:
        account.locale = locale
    await work.flush()
    return account


async def totp_is_on(work: Work, caller: Caller) -> bool:
    """Whether the caller signs in with an authenticator."""
    credential = await staff.credential(work, caller.account_id)
    return credential is not None and credential.totp_confirmed_at is not None
