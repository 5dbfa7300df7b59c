"""One's own account and where it is signed in."""

from uuid import UUID

from backend.core.errors import Invalid
from backend.features.people import schemas
from backend.features.people.rules import ROLES
from backend.features.people.service import second_factor, sessions
from backend.features.people.service.positions import positions_of
from backend.features.people.service.profile import edit_my_account, my_account, totp_is_on
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Address, Here, Uow, router

me = router(tag="me")


@me.get("/me", responses=problems(401))
async def read_me(process: Here, work: Uow, caller: SignedIn) -> schemas.Me:
    """My account; for staff with the positions they hold today."""
    account = schemas.Account.model_validate(await my_account(work, caller))
    if caller.kind == "owner":
        return schemas.Me(**account.model_dump())
    held = [
        schemas.PositionHeld(
            role=position.role,
            role_name=ROLES[position.role].name,
            node=node.id,
            node_name=node.name,
            trades=position.trades,
        )
        for position, node in await positions_of(work, caller.account_id, process.clock.now())
    ]
    return schemas.Me(**account.model_dump(), positions=held, totp=await totp_is_on(work, caller))


@me.patch("/me", responses=problems(401, 409))
async def edit_me(asked: schemas.MeEdited, work: Uow, caller: SignedIn) -> schemas.Account:
    """Change my name or language. An owner's name is the contract's and stays."""
    if not asked.model_fields_set:
        raise Invalid("nothing_to_change")
    account = await my_account(work, caller, lock=True)
    return schemas.Account.model_validate(
        await edit_my_account(work, account, name=asked.name, locale=asked.locale)
    )


@me.get("/me/sessions", responses=problems(401))
async def list_my_sessions(process: Here, work: Uow, caller: SignedIn) -> schemas.Sessions:
    """Where I am signed in, newest first."""
    return schemas.Sessions(
        items=[
            schemas.Session(
                id=session.id,
                device=session.device,
                address=session.address,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                expires_at=session.expires_at,
                current=session.id == caller.session_id,
            )
            for session in await sessions.my_sessions(process, work, caller)
        ]
    )


@me.delete("/me/sessions", status_code=204, responses=problems(401))
async def sign_out_everywhere(process: Here, work: Uow, caller: SignedIn) -> None:
    """Sign out on every device, this one too."""
    await sessions.sign_out_everywhere(process, work, caller.account_id)


@me.delete("/me/sessions/{session_id}", status_code=204, responses=problems(401, 404))
async def sign_out(session_id: UUID, process: Here, work: Uow, caller: SignedIn) -> None:
    """Sign one device out, at once."""
    await sessions.sign_out(process, work, caller, session_id)


@me.put("/me/password", status_code=204, responses=problems(401, 403))
async def change_my_password(
    asked: schemas.PasswordChange, process: Here, work: Uow, caller: Staff, address: Address
) -> None:
    """Change my password (staff). Every other device is signed out."""
    present, wanted = asked.present.get_secret_value(), asked.wanted.get_secret_value()
    await second_factor.change_password(process, work, caller, present, wanted, address)


@me.post("/me/totp", status_code=201, responses=problems(401, 403, 409))
async def enrol_totp(process: Here, work: Uow, caller: Staff) -> schemas.TotpEnrolment:
    """Ask for an authenticator secret (staff). It is in force once confirmed."""
    enrolment = await second_factor.enrol_totp(process, work, caller)
    return schemas.TotpEnrolment(secret=enrolment.secret, address=enrolment.address)


@me.post("/me/totp/confirmation", status_code=201, responses=problems(401, 403, 409))
async def confirm_totp(
    asked: schemas.TotpCode, process: Here, work: Uow, caller: Staff
) -> schemas.RecoveryCodes:
    """Confirm the authenticator with one of its codes; from now on signing in asks for it."""
    return schemas.RecoveryCodes(codes=await second_factor.confirm_totp(process, work, caller, asked.code))


@me.post("/me/totp/removal", status_code=204, responses=problems(401, 403))
async def remove_totp(
    asked: schemas.PasswordGiven, process: Here, work: Uow, caller: Staff, address: Address
) -> None:
    """Turn my authenticator off; the password confirms it."""
    await second_factor.turn_totp_off(process, work, caller, asked.password.get_secret_value(), address)
