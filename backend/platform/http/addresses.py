"""One look for the route of a request.

FastAPI asks each route of each router in turn, and the routers twice: with a hundred routes that takes as long as
answering. Here one expression holds every address. What it does not find, a wrong method or no address at all, goes on
to the declared routes, and is refused there.
"""

import re
from collections.abc import Iterable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send


class Addresses(BaseRoute):
    """Hands a request to the one of `routes` that is declared for its method and address, the first of several."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        by_address: dict[str, list[APIRoute]] = {}
        for route in routes:
            if isinstance(route, APIRoute):
                by_address.setdefault(route.path_regex.pattern, []).append(route)
        self._routes = list(by_address.values())
        # An empty group closes each address, and says which it was.
        plain = (
            re.sub(r"\?P<\w+>", "?:", address.removeprefix("^").removesuffix("$")) for address in by_address
        )
        self._addresses = re.compile("|".join(f"{address}()" for address in plain))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}
        found = self._addresses.fullmatch(scope["path"])
        if found is None or found.lastindex is None:
            return Match.NONE, {}
        for route in self._routes[found.lastindex - 1]:
            match, child = route.matches(scope)
            if match == Match.FULL:
                return match, child
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)
