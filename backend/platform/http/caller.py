"""Who is asking by a request. People's feature finds out: it registers itself as the app's `Authenticate`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from backend.core.caller import Caller
from backend.core.errors import NotAllowed, NotSignedIn

Authenticate = Callable[[str], Awaitable[Caller | None]]


class Documents(HTTPBearer):
    """Only tells the documentation that a token is wanted; the route has looked at it already."""

    async def __call__(self, request: HTTPConnection) -> None: ...


_bearer = Documents(
    scheme_name="Session",
    auto_error=False,
    description="The `token` of a session, as `Authorization: Bearer …`.",
)

Documented = Annotated[None, Depends(_bearer)]


def bearer_token(headers: Mapping[bytes, bytes]) -> str | None:
    """The token in the `Authorization` header, if there is one that could be ours."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.isascii() and len(token) <= 200 else None


async def _caller(request: Request, _documented: Documented) -> Caller:
    caller: Caller | None = request.state.caller
    if caller is None:
        raise NotSignedIn()
    return caller


# These call `_caller` themselves: FastAPI resolves a dependency in 10 µs or more, and they stand on every hot path.


async def _owner(request: Request, documented: Documented) -> Caller:
    caller = await _caller(request, documented)
    if caller.kind != "owner":
        raise NotAllowed("owners_only")
    return caller


async def _staff(request: Request, documented: Documented) -> Caller:
    caller = await _caller(request, documented)
    if caller.kind != "staff":
        raise NotAllowed("staff_only")
    return caller


SignedIn = Annotated[Caller, Depends(_caller)]
"""Anybody who has signed in."""

Owner = Annotated[Caller, Depends(_owner)]
"""An owner, family member or tenant."""

Staff = Annotated[Caller, Depends(_staff)]
"""An employee."""
