"""The two addresses of an engineer's phone."""

from typing import Annotated

from fastapi import Query, Response

from backend.core.locale import Locale, sentence
from backend.features.field import schemas, service
from backend.platform.http.caller import Staff
from backend.platform.http.problems import FieldProblem, problems
from backend.platform.http.route import Here, Lang, router

# Each operation is a transaction of its own and is known by its id, so the request as a whole is kept under no key.
field = router(tag="field", keyed=False)

Held = Annotated[
    str | None, Query(max_length=8000, description="The `cursor` of the last answer; without it, all of it.")
]


@field.post("/sync", responses=problems(401, 403))
async def hand_in_records(
    process: Here, locale: Lang, caller: Staff, batch: schemas.Batch
) -> schemas.Results:
    """Hand in what was recorded without a network: each operation is answered by itself, and none is lost."""
    results = await service.take_all(process, caller, batch.device, batch.operations)
    return schemas.Results(now=process.clock.now(), results=[_result(one, locale) for one in results])


@field.get("/sync", response_model=schemas.Day, responses=problems(401, 403))
async def take_the_day_along(process: Here, caller: Staff, cursor: Held = None) -> Response:
    """What an engineer takes along: their live tickets with all that is needed at the home, as far as it is new."""
    told = await service.bring(process, caller, process.clock.now(), cursor)
    return Response(told, media_type="application/json")


def _result(one: service.Result, locale: Locale) -> schemas.Result:
    # What is wrong with the form of an operation has the sentences of a request's fields.
    prefix = "field_" if one.code in {"operation_invalid", "fields_invalid"} else ""
    return schemas.Result(
        id=one.id,
        result=one.result,
        at=one.at,
        code=one.code,
        detail=None if one.code is None else sentence(locale, one.code, one.params),
        errors=[
            FieldProblem(
                field=fault.field, code=fault.code, detail=sentence(locale, prefix + fault.code, fault.params)
            )
            for fault in one.faults[:20]
        ],
        missing=list(one.missing),
        line=one.line,
        ticket=None if one.ticket is None else schemas.Stands.model_validate(one.ticket),
    )
