"""One request, one unit of work, one commit, before the answer leaves; and the same answer to a repeated request."""

import hashlib
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute

from backend.core.caller import Caller
from backend.core.locale import Locale
from backend.core.logging import carried, carry
from backend.db.work import Work
from backend.platform import idempotency
from backend.platform.http.caller import Authenticate, bearer_token
from backend.platform.http.flood import Flood
from backend.platform.http.problems import problem_documented
from backend.platform.process import Process

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class WorkRoute(APIRoute):
    """Finds the caller; commits the unit of work, if the endpoint asked for one, when it has answered."""

    def get_route_handler(self) -> Handler:
        endpoint = self.answering(super().get_route_handler())
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def handle(request: Request) -> Response:
            await know_caller(request)
            if takes_json:
                _require_json(request)
            async with AsyncExitStack() as units:
                request.state.units, request.state.work = units, None
                return await endpoint(request)

        return handle

    def answering(self, endpoint: Handler) -> Handler:
        """What answers within the unit of work."""
        return endpoint


class KeyedRoute(WorkRoute):
    """Answers a POST by a signed-in caller that carries `Idempotency-Key` once: see `platform/idempotency`."""

    def answering(self, endpoint: Handler) -> Handler:
        async def answer_once(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            caller: Caller | None = request.state.caller
            if key is None or caller is None or request.method != "POST":
                return await endpoint(request)
            process: Process = request.app.state.process
            work = await unit_of_work(request)
            asked = idempotency.Asked(
                caller.account_id, idempotency.checked_key(key), await _fingerprint(request)
            )
            earlier = await idempotency.earlier_answer(work, process.sealer, asked)
            if earlier is not None:
                replayed = {"idempotent-replay": "true"}
                if earlier.etag is not None:
                    replayed["etag"] = earlier.etag
                return Response(earlier.body, earlier.status, media_type="application/json", headers=replayed)
            response = await endpoint(request)
            answer = idempotency.Kept(
                response.status_code, bytes(response.body), response.headers.get("etag")
            )
            await idempotency.keep_answer(work, process.sealer, asked, answer)
            return response

        return answer_once


def _require_json(request: Request) -> None:
    length, chunked = request.headers.get("content-length", "0"), "transfer-encoding" in request.headers
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (length != "0" or chunked) and kind != "application/json":
        raise HTTPException(415)


async def know_caller(request: Request) -> None:
    """Find who asks, for `request.state.caller` and the log, and count their request.

    Raises:
        TooMany: `too_many_requests`.
    """
    state, app = request.state, request.app.state
    token = bearer_token(state.headers)
    authenticate: Authenticate = app.authenticate
    caller = state.caller = None if token is None else await authenticate(token)
    if caller is not None:
        carry({**carried(), "account": str(caller.account_id)})
        flood: Flood = app.flood
        flood.count_account(caller.account_id)


async def _fingerprint(request: Request) -> bytes:
    told = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(told + await request.body()).digest()


ALWAYS_POSSIBLE: Final[dict[int | str, dict[str, Any]]] = {
    400: problem_documented("The body could not be read"),
    413: problem_documented("The body is over its limit"),
    422: problem_documented("A field is wrong: `errors` names it"),
    429: problem_documented("Too many requests: `Retry-After` says when to come back"),
    500: problem_documented("Our fault; `instance` is the number to report"),
    503: problem_documented("Something we stand on does not answer; send the same request again"),
}
"""What any request may be refused with, by status, for the documentation."""


def operation_id(route: APIRoute) -> str:
    """What a generated client calls the operation."""
    return route.name


def router(*, tag: str, prefix: str = "/v1", keyed: bool = True) -> APIRouter:
    """A feature's router. `tag` is the product's word under which the documentation shows it.

    `keyed`: repeats under an `Idempotency-Key` get the first answer; not for answers that must be kept nowhere.
    """
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=KeyedRoute if keyed else WorkRoute,
        responses=ALWAYS_POSSIBLE,
        generate_unique_id_function=operation_id,
    )


# All of these are coroutines: what is not, FastAPI calls in a thread, which costs more than the rest of a hot read.


async def _process(request: Request) -> Process:
    process: Process = request.app.state.process
    return process


async def unit_of_work(request: Request) -> Work:
    """The request's unit of work, opened when it is first asked for."""
    work: Work | None = request.state.work
    if work is None:
        process: Process = request.app.state.process
        units: AsyncExitStack = request.state.units
        work = request.state.work = await units.enter_async_context(process.works.begin())
    return work


async def _locale(request: Request) -> Locale:
    locale: Locale = request.state.locale
    return locale


Here = Annotated[Process, Depends(_process)]
"""The running process: its clock, keys and lines."""

Uow = Annotated[Work, Depends(unit_of_work)]
"""This request's unit of work."""

Lang = Annotated[Locale, Depends(_locale)]
"""The caller's language."""


async def client_address(request: Request) -> str:
    """The caller's network address, as rate limits count it."""
    return request.client.host if request.client else "unknown"


Address = Annotated[str, Depends(client_address)]
"""The caller's network address."""
