"""What people choose: kinds switched off, quiet hours, an e-mail address; and the devices they use."""

from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.db.work import Work
from backend.features.notices.kinds import kinds_for
from backend.features.notices.policies import policies_now
from backend.features.notices.repository import choosing
from backend.features.notices.repository.choosing import keep_device


@dataclass(frozen=True, slots=True)
class Chosen:
    """Quiet hours are two times of day in `zone`, over midnight too; or none. `email` is not chosen but confirmed."""

    quiet: tuple[time, time] | None
    zone: str
    email: str | None
    off: frozenset[str]


__all__ = ["Chosen", "choices_of", "choose", "keep_device", "sign_device_out", "switch_off"]


async def choices_of(work: Work, caller: Caller) -> Chosen:
    """What the caller has chosen."""
    found = await choosing.settings_of(work, caller.account_id)
    off = frozenset(await choosing.switched_off(work, caller.account_id))
    if found is None:
        return Chosen(None, "Asia/Shanghai", None, off)
    quiet = None
    if found.quiet_from is not None and found.quiet_until is not None:
        quiet = (found.quiet_from, found.quiet_until)
    return Chosen(quiet, found.zone, found.email, off)


async def choose(work: Work, caller: Caller, chosen: Chosen) -> None:
    """Put this in the place of what the caller has chosen before.

    Raises:
        Invalid: `kind_unknown`, `kind_always_on`, `zone_unknown`, `quiet_hours_empty`.
    """
    mine = {kind.code for kind in kinds_for(caller.kind)}
    policies = await policies_now(work)
    for code in sorted(chosen.off):
        if code not in mine:
            raise Invalid("kind_unknown", field="off")
        if not policies[code].optional:
            raise Invalid("kind_always_on", field="off")
    if chosen.zone not in available_timezones():
        raise Invalid("zone_unknown", field="quiet_hours.zone")
    if chosen.quiet is not None and chosen.quiet[0] == chosen.quiet[1]:
        raise Invalid("quiet_hours_empty", field="quiet_hours.ends")
    begin, end = chosen.quiet or (None, None)
    settings: dict[str, Any] = {"quiet_from": begin, "quiet_until": end, "zone": chosen.zone}
    await choosing.choose(work, caller.account_id, settings, chosen.off)


async def switch_off(work: Work, account_id: UUID, kind: str) -> None:
    """Switch one kind off, as a link in a mail asks for it.

    Raises:
        NotFound: there is no such kind any more.
        Conflict: `kind_always_on`: the standard has come to say so since.
    """
    policy = (await policies_now(work)).get(kind)
    if policy is None:
        raise NotFound()
    if not policy.optional:
        raise Conflict("kind_always_on")
    await choosing.switch_off(work, account_id, kind)


async def sign_device_out(work: Work, caller: Caller, device_id: UUID) -> None:
    """The device is pushed to no more.

    Raises:
        NotFound: it is none of the caller's.
    """
    if not await choosing.sign_device_out(work, caller.account_id, device_id):
        raise NotFound()
