"""Calls between owner and engineer."""

from uuid import UUID

from fastapi import Request

from backend.features.repairs import schemas_calls as schemas
from backend.features.repairs.service.calling import arrange_call
from backend.platform.http.caller import SignedIn
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router
from backend.platform.numbers import NumberService

# A number runs out within minutes: an answer kept for a repeated request would outlive it.
calls = router(tag="tickets", keyed=False)


@calls.post("/tickets/{ticket_id}/call", responses=problems(401, 403, 404, 409))
async def call_other_side(
    request: Request, process: Here, work: Uow, caller: SignedIn, ticket_id: UUID
) -> schemas.Number:
    """A number by which I reach the engineer of my repair, or as the engineer its owner. Neither sees the other's.

    Dial it from the phone that I sign in with, or that the company knows me by. Where no number service is set up, or
    none answers, the refusal gives the project's hotline.
    """
    numbers: NumberService | None = request.app.state.numbers
    now = process.clock.now()
    number = await arrange_call(process.direct, numbers, work, caller, now, ticket_id)
    return schemas.Number(number=number.number, expires_at=number.expires_at)
