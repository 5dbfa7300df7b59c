"""The lane of hot reads: what phones ask for most is answered before FastAPI looks for its route and resolves it.

A hot read is declared and documented like any other route. The frame asks the lane first, which takes only what it
answers exactly as the declared route would, refusals by the app's own handlers included: another method, another
address or a parameter that is not well-formed goes on to that route, and is refused there.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Scope

from backend.platform.http.caller import Documents
from backend.platform.http.route import know_caller, unit_of_work

Endpoint = Callable[..., Awaitable[Response]]


class NotHot(TypeError):
    """A route wants something that this lane does not give; the message says which and what."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A dependency of an endpoint: what a coroutine makes of the request alone."""

    name: str
    of: Callable[..., Awaitable[Any]]
    request: str
    documents: dict[str, None]


class _HotRead:
    """One endpoint, and all that FastAPI would work out for it anew at each request."""

    def __init__(self, route: APIRoute) -> None:
        self.route, of = route, route.dependant
        if _wants_more(of):
            raise NotHot(f"{route.name} wants more than its address, the query and the request")
        self._wanted = tuple(_wanted(one) for one in of.dependencies)
        self._request = of.request_param_name
        self._path, self._query = of.path_params, of.query_params
        self._unasked, missing = request_params_to_args(self._query, QueryParams())
        if missing:
            raise NotHot(f"{route.name} cannot do without a query")

    def bind(self, path: dict[str, str], query: bytes) -> dict[str, Any] | None:
        """The endpoint's parameters; None when one is not well-formed."""
        values, faults = (
            request_params_to_args(self._query, QueryParams(query)) if query else (dict(self._unasked), [])
        )
        for field in self._path:
            values[field.name], wrong = field.validate(path[field.alias], values, loc=("path", field.alias))
            faults += wrong
        return None if faults else values

    async def answer(self, request: Request, values: dict[str, Any]) -> Response:
        try:
            await know_caller(request)
            for one in self._wanted:
                values[one.name] = await one.of(**{one.request: request}, **one.documents)
            if self._request is not None:
                values[self._request] = request
            answer: Response = await self.route.endpoint(**values)
        except Exception as error:
            handlers = request.app.exception_handlers
            handle = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
            if handle is None:
                raise
            answer = await handle(request, error)
        return answer


def _wants_more(of: Dependant) -> bool:
    """Than its address, the query, the request and dependencies."""
    return any((
        of.header_params, of.cookie_params, of.body_params, of.response_param_name, of.background_tasks_param_name,
        of.http_connection_param_name, of.security_scopes_param_name,
    ))  # fmt: skip


def _wanted(of: Dependant) -> _Wanted:
    more = of.path_params or of.query_params or _wants_more(of)
    documents = all(isinstance(one.call, Documents) for one in of.dependencies)
    name, call, request = of.name, of.call, of.request_param_name
    if more or not documents or call is unit_of_work or name is None or call is None or request is None:
        raise NotHot(f"{name} follows from more than the request")
    return _Wanted(name, call, request, {str(one.name): None for one in of.dependencies})


class HotLane:
    """Answers `endpoints`, which are declared among `routes`.

    Raises:
        NotHot: when made: an endpoint is not there, or wants what the lane does not give.
    """

    def __init__(self, routes: Iterable[BaseRoute], endpoints: Collection[Endpoint]) -> None:
        hot = [route for route in routes if isinstance(route, APIRoute) and route.endpoint in endpoints]
        if len(hot) != len(endpoints):
            raise NotHot("an endpoint is not among the routes")
        # One look for all of them: the group around an address closes last, and says which it was.
        self._reads: dict[int, _HotRead] = {}
        group, addresses = 1, []
        for route in hot:
            parts = re.split(r"\{\w+\}", route.path)
            addresses.append(f"({'([^/]+)'.join(map(re.escape, parts))})")
            self._reads[group] = _HotRead(route)
            group += len(parts)
        self._addresses = re.compile("|".join(addresses))

    def answering(self, scope: Scope) -> Callable[[Request], Awaitable[Response]] | None:
        """What answers this request; None: it is not for this lane."""
        if scope["method"] != "GET":
            return None
        found = self._addresses.fullmatch(scope["path"])
        if found is None or found.lastindex is None or scope.get("root_path"):
            return None
        read = self._reads[found.lastindex]
        path = dict(zip(read.route.param_convertors, found.groups()[found.lastindex :], strict=False))
        values = read.bind(path, scope["query_string"])
        if values is None:
            return None
        scope["route"] = read.route
        return partial(read.answer, values=values)
