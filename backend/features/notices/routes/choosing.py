"""What one chooses about being told, and the devices one uses."""

from uuid import UUID

from backend.core.caller import Caller
from backend.core.locale import Locale, say
from backend.features.notices import schemas
from backend.features.notices.kinds import kinds_for
from backend.features.notices.policies import policies_now
from backend.features.notices.service import choosing
from backend.platform.http.caller import SignedIn
from backend.platform.http.problems import problems
from backend.platform.http.route import Lang, Uow, router

choices = router(tag="me")


@choices.get("/me/notice-preferences", responses=problems(401))
async def read_notice_preferences(work: Uow, caller: SignedIn, locale: Lang) -> schemas.Chosen:
    """Which kinds of notices ring, when nothing does, and where e-mail goes. Some kinds cannot be switched off."""
    return await _told(work, await choosing.choices_of(work, caller), caller, locale)


@choices.put("/me/notice-preferences", responses=problems(401))
async def set_notice_preferences(
    asked: schemas.Choices, work: Uow, caller: SignedIn, locale: Lang
) -> schemas.Chosen:
    """Choose anew, all at once. What does not ring stands in the inbox all the same."""
    quiet = asked.quiet_hours
    chosen = choosing.Chosen(
        None if quiet is None else (quiet.begins, quiet.ends),
        "Asia/Shanghai" if quiet is None else quiet.zone,
        None,
        frozenset(asked.off),
    )
    await choosing.choose(work, caller, chosen)
    return await _told(work, await choosing.choices_of(work, caller), caller, locale)


@choices.put("/me/devices/{device_id}", status_code=204, responses=problems(401))
async def put_device(device_id: UUID, asked: schemas.DeviceKept, work: Uow, caller: SignedIn) -> None:
    """This device is mine, and pushed to. The app tells it at every start; its id is of its own making.

    A token that another account had here before leaves it. Signing out, here or from elsewhere, ends the pushes too.
    """
    await choosing.keep_device(
        work,
        caller,
        device_id,
        platform=asked.platform,
        token=asked.token,
        app_version=asked.app_version,
        locale=asked.locale,
    )


@choices.delete("/me/devices/{device_id}", status_code=204, responses=problems(401, 404))
async def delete_device(device_id: UUID, work: Uow, caller: SignedIn) -> None:
    """Push to this device no more, as when I sign out on it."""
    await choosing.sign_device_out(work, caller, device_id)


async def _told(work: Uow, chosen: choosing.Chosen, caller: Caller, locale: Locale) -> schemas.Chosen:
    quiet, policies = chosen.quiet, await policies_now(work)
    return schemas.Chosen(
        quiet_hours=None
        if quiet is None
        else schemas.QuietHours(begins=quiet[0], ends=quiet[1], zone=chosen.zone),
        email=chosen.email,
        kinds=[
            schemas.KindChoice(
                kind=kind.code,
                on=kind.code not in chosen.off,
                optional=policies[kind.code].optional,
                why=None if policies[kind.code].optional else say(locale, "notice.always_on"),
                channels=list(policies[kind.code].channels),
            )
            for kind in kinds_for(caller.kind)
        ],
    )
