"""Signing in."""

from typing import Annotated

from fastapi import Depends, Request

from backend.features.people.limits import CodeLimits
from backend.features.people.schemas import Account, CodeAsked, SessionOpened, SignIn, StaffSignIn
from backend.features.people.service.authentication import Opened
from backend.features.people.service.codes import Asking, redeem_code, request_code
from backend.features.people.service.staff_sign_in import staff_sign_in
from backend.platform.http.problems import problems
from backend.platform.http.route import Address, Here, Lang, Uow, router

# An answer here holds a token, which is shown once and kept nowhere: no repeats are answered from memory.
auth = router(tag="sign-in", keyed=False)


async def _limits(request: Request) -> CodeLimits:
    limits: CodeLimits = request.app.state.code_limits
    return limits


Limits = Annotated[CodeLimits, Depends(_limits)]


@auth.post("/auth/codes", status_code=202, response_model=None)
async def request_one_time_code(
    asked: CodeAsked, process: Here, work: Uow, limits: Limits, address: Address, locale: Lang
) -> dict[str, str]:
    """Have a one-time code sent to a phone.

    The answer is the same whether the phone is known or not. A code has six digits and works once, within five
    minutes, for five tries; a newer one puts it out of force.
    """
    await request_code(process, work, limits, asked.phone, Asking(address, "", locale))
    return {}


@auth.post("/auth/sessions", status_code=201, responses=problems(401))
async def sign_in(
    asked: SignIn, process: Here, work: Uow, limits: Limits, address: Address, locale: Lang
) -> SessionOpened:
    """Sign in as an owner, family member or tenant, with a one-time code."""
    asking = Asking(address, asked.device, locale)
    return _opened(await redeem_code(process, work, limits, asked.phone, asked.code, asking))


@auth.post("/auth/staff-sessions", status_code=201, responses=problems(401))
async def sign_in_staff(
    asked: StaffSignIn, process: Here, work: Uow, address: Address, locale: Lang
) -> SessionOpened:
    """Sign in as an employee, with a password and, when an authenticator is on, its code.

    Five failures from one address lock that address out of the account for a while, never for good and never others.
    """
    return _opened(
        await staff_sign_in(
            process,
            work,
            employee_no=asked.employee_no,
            password=asked.password.get_secret_value(),
            totp=asked.totp,
            asking=Asking(address, asked.device, locale),
        )
    )


def _opened(opened: Opened) -> SessionOpened:
    return SessionOpened(
        token=opened.token, account=Account.model_validate(opened.account), expires_at=opened.expires_at
    )
