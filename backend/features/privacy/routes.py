"""Reveals: for staff one value with a reason, for its owner the list of who looked. Consents: said and seen."""

from collections.abc import Sequence
from uuid import UUID

from backend.core.locale import Locale, say
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.privacy import schemas, service
from backend.features.privacy.rules import Use
from backend.platform.http.caller import Owner, SignedIn, Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

privacy = router(tag="privacy")


@privacy.post("/reveals", status_code=201, responses=problems(401, 403, 404))
async def reveal_value(process: Here, work: Uow, caller: Staff, asked: schemas.AskReveal) -> schemas.Revealed:
    """See one value of a resident unmasked. Who, why and when are written down, and the resident can read them."""
    shown = await service.reveal(
        work,
        process.sealer,
        caller,
        process.clock.now(),
        subject_id=asked.subject,
        field=asked.field,
        reason=asked.reason,
    )
    return schemas.Revealed.model_validate(shown)


@privacy.post("/calls/{call_id}/number", status_code=201, responses=problems(401, 403, 404))
async def reveal_number_to_call(process: Here, work: Uow, caller: Staff, call_id: UUID) -> schemas.Revealed:
    """The number of an employee whom I am to call about pages. Who looked and when is written down for them to read."""
    now = process.clock.now()
    shown = await service.reveal_number(work, process.sealer, caller, now, call_id)
    return schemas.Revealed.model_validate(shown)


@privacy.get("/me/reveals", responses=problems(401))
async def list_my_reveals(
    work: Uow,
    caller: SignedIn,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.Look]:
    """Who looked at which of my values, when and why, the newest first."""
    before = decode_cursor(cursor, tuple[UUID])
    found = await service.looks_at(work, caller.account_id, before[0] if before else None, limit + 1)
    return page_of(found, limit, show=schemas.Look.model_validate, key=lambda look: (look.id,))


@privacy.get("/me/consents", responses=problems(401, 403))
async def list_my_consents(work: Uow, caller: Owner, locale: Lang) -> schemas.Consents:
    """What I consent to, use by use, and since when."""
    return schemas.Consents(items=_shown(await service.consents_of(work, caller.account_id), locale))


@privacy.put("/me/consents/{use}", responses=problems(401, 403))
async def say_my_consent(
    process: Here, work: Uow, caller: Owner, locale: Lang, use: Use, asked: schemas.SayConsent
) -> schemas.Consent:
    """Consent to one use, or withdraw it. Every word stays on record; the last one holds."""
    said = await service.say_consent(work, process.waker, caller, process.clock.now(), use, given=asked.given)
    [shown] = _shown([said], locale)
    return shown


@privacy.get("/residents/{account_id}/consents", responses=problems(401, 403, 404))
async def list_resident_consents(
    process: Here, work: Uow, caller: Staff, locale: Lang, account_id: UUID
) -> schemas.ResidentConsents:
    """What somebody who lives in a home in my scope consents to. Their name is cut."""
    name, found = await service.consents_of_resident(work, caller, process.clock.now(), account_id)
    return schemas.ResidentConsents(account=account_id, name=name, items=_shown(found, locale))


def _shown(found: Sequence[service.Consent], locale: Locale) -> list[schemas.Consent]:
    return [
        schemas.Consent(use=one.use, says=say(locale, f"privacy.{one.use}"), given=one.given, since=one.since)
        for one in found
    ]
