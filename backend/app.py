"""The API's composition root: what is opened, what stands around every request, and which refusal is which status."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import fastapi_offline
import redis.exceptions
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from backend.clocks import register_clocks
from backend.core import errors
from backend.core.config import Settings, production_faults
from backend.core.locale import sentence
from backend.core.logging import log
from backend.db import migrations
from backend.duty import nobody_on_duty
from backend.features.escalation.service import CALLING
from backend.features.files.rules import MOST_BYTES
from backend.features.files.tus import VERSION
from backend.features.notices.service import SENDING, require_sound_templates
from backend.features.people.service import Authentication, CodeLimits
from backend.platform.http.addresses import Addresses
from backend.platform.http.flood import Flood
from backend.platform.http.frame import Allowance, BodyTooLarge, Frame
from backend.platform.http.hot import HotLane
from backend.platform.http.problems import (
    FieldProblem,
    Problem,
    problem_response,
)
from backend.platform.http.route import ALWAYS_POSSIBLE, operation_id
from backend.platform.numbers import open_numbers
from backend.platform.process import following, open_process
from backend.platform.realtime.opening import open_realtime
from backend.routes import development_routers, hot_reads, routers
from backend.shows import shows
from backend.sights import sights
from backend.sockets import given
from backend.topics import topics
from backend.visited import visited

# Every refusal's status, in one place.
STATUS: dict[type[errors.Refusal], int] = {
    errors.Unreadable: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.WrongType: 415,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Damaged: 460,
    errors.Unavailable: 503,
}

# What the framework itself refuses, by status.
# What pydantic calls one of several models of one name.
_FILED = re.compile(r"backend__features__([a-z]+)__[a-z_]+?__([A-Z]\w*)")
_FRAMEWORK_CODES = {
    400: "body_unreadable",
    404: "no_such_address",
    405: "method_not_allowed",
    415: "media_type_unknown",
}


class NotReadyForProduction(Exception):
    """Production mode with settings that must not stand: each line names one."""


def create_app(settings: Settings) -> FastAPI:
    """The API.

    Raises:
        NotReadyForProduction: in production mode, when a development secret or an empty setting stands.
        TemplatesBroken: a template of a notice is missing, or its placeholders are not those of its kind.
    """
    require_sound_templates()
    if settings.production and (faults := production_faults(settings)):
        raise NotReadyForProduction("\n".join(faults))

    app = FastAPI(
        title="Tongxing 同行",
        version="1",
        summary="The backend of a property developer's owner app",
        lifespan=lifespan_of(settings),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # An address with a slash too many is none, and is refused with a sentence like any other.
        redirect_slashes=False,
        responses=ALWAYS_POSSIBLE,
        generate_unique_id_function=operation_id,
        separate_input_output_schemas=False,
        # Nobody is told any of it; left on, each request asks anew whether somebody is.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.flood = Flood(
        per_account=settings.requests_per_minute_account, per_address=settings.requests_per_minute_address
    )
    declared = [route for router in routers for route in router.routes]
    app.routes.append(Addresses(declared))
    # As they were declared: to include a router is to work each of its routes out anew, a second for all of them, and
    # the first request for an address that is none would wait for it.
    app.routes.extend(declared)
    if not settings.production:
        app.routes.extend(route for router in development_routers for route in router.routes)
    _add_documentation(app)
    _add_error_table(app)
    app.add_middleware(
        Frame,
        lane=HotLane(declared, hot_reads),
        flood=app.state.flood,
        ordinary=Allowance(settings.body_bytes, settings.request_seconds),
        special=_allowances(settings),
    )
    # Around the frame, so that a browser can read its refusals too.
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "authorization",
                "content-type",
                "idempotency-key",
                "if-match",
                "if-none-match",
                "tus-resumable",
                "upload-offset",
                "upload-checksum",
            ],
            expose_headers=[
                "etag",
                "x-request-id",
                "retry-after",
                "idempotent-replay",
                "location",
                "tus-resumable",
                "upload-offset",
                "upload-length",
                "upload-expires",
            ],
            max_age=600,
        )
    return app


def _allowances(settings: Settings) -> dict[str, Allowance]:
    """The addresses that take or give more than others."""
    # Bytes come and go as fast as a phone in a basement can; the pieces of an upload are kept as they come.
    seconds = settings.transfer_seconds
    speaks_tus = ((b"tus-resumable", VERSION.encode()),)
    return {
        "/v1/imports": Allowance(settings.import_bytes, settings.request_seconds),
        "/v1/uploads/": Allowance(max(MOST_BYTES.values()), seconds, speaks_tus),
        "/v1/media/": Allowance(settings.body_bytes, seconds),
    }


def lifespan_of(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What the API opens when it starts, and closes when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_process(settings) as process, open_numbers(settings) as numbers:
            register_clocks(process)
            app.state.process, app.state.numbers = process, numbers
            authentication = Authentication(process)
            app.state.migration_head = migrations.head()
            app.state.authenticate = authentication.caller
            app.state.code_limits = CodeLimits(process.valkey)
            app.state.sights = sights(process)
            app.state.shows = shows(process)
            app.state.nobody_on_duty = nobody_on_duty(process)
            app.state.visited = visited()
            app.state.topics = topics(process)
            app.state.scraped = (SENDING, CALLING)
            needs = given(process, authentication, app.state.sights, app.state.topics)
            async with open_realtime(process, needs, app.state.flood) as realtime, following(process):
                app.state.realtime = realtime
                log.info("api_ready", mode=settings.mode)
                yield
                log.info("api_drained")

    return lifespan


def _add_documentation(app: FastAPI) -> None:
    """The OpenAPI document, and its page at /docs from files we ship: it calls no foreign host."""
    describe = app.openapi
    _, problem = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")

    @cache
    def openapi() -> dict[str, Any]:
        document = describe()
        document["components"]["schemas"].update(problem["$defs"])
        # Two features' words of one name: told apart by the feature, not by the files they stand in.
        told = _FILED.sub(lambda found: found[1].title() + found[2], json.dumps(document))
        named: dict[str, Any] = json.loads(told)
        if len(named["components"]["schemas"]) < len(document["components"]["schemas"]):
            raise RuntimeError("one feature has two shapes of one name: rename one")
        return named

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the document

    @cache
    def written() -> bytes:
        return json.dumps(openapi(), ensure_ascii=False).encode()

    writing = asyncio.Lock()

    # FastAPI's own writes the whole document anew for everybody who asks.
    @app.get("/openapi.json", include_in_schema=False)
    async def document() -> Response:
        # Who asks first waits for seconds while it is written; nobody who asks for anything else does.
        async with writing:
            return Response(await asyncio.to_thread(written), media_type="application/json")

    static = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/static", StaticFiles(directory=static), name="docs_static")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Tongxing 同行",
            swagger_js_url="/docs/static/swagger-ui-bundle.js",
            swagger_css_url="/docs/static/swagger-ui.css",
            swagger_favicon_url="/docs/static/favicon.png",
        )


def _add_error_table(app: FastAPI) -> None:
    def respond(request: Request, status: int, code: str, **kwargs: Any) -> Response:
        state = request.state
        return problem_response(
            locale=state.locale, request_id=state.request_id, status=status, code=code, **kwargs
        )

    async def refused(request: Request, refusal: errors.Refusal) -> Response:
        faults = refusal.faults
        if not faults and refusal.field is not None:
            faults = (errors.Fault(refusal.field, refusal.code, refusal.params),)
        headers = {}
        if isinstance(refusal, errors.TooMany):
            headers["retry-after"] = str(refusal.retry_after)
        if isinstance(refusal, errors.NotSignedIn):
            headers["www-authenticate"] = "Bearer"
        return respond(
            request,
            next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS),
            refusal.code,
            params=refusal.params,
            present=refusal.present,
            headers=headers,
            errors=[
                FieldProblem(
                    field=f.field, code=f.code, detail=sentence(request.state.locale, f.code, f.params)
                )
                for f in faults
            ],
        )

    async def unreadable(request: Request, error: RequestValidationError) -> Response:
        problems = []
        for fault in error.errors()[:50]:
            code = f"field_{fault['type']}"
            # Where it stands, as the client wrote it: without "body" or "query" in front.
            unread = fault["type"] == "json_invalid"  # its place is a character's number
            place = "body" if unread else ".".join(map(str, fault["loc"][1:])) or str(fault["loc"][0])
            params = {key: value for key, value in (fault.get("ctx") or {}).items() if key != "error"}
            if "expected" in params and request.state.locale != "en":
                params["expected"] = re.sub(r", | or ", "、", str(params["expected"])).replace("'", "")
            problems.append(
                FieldProblem(
                    field=place[:200].encode(errors="replace").decode(),
                    code=fault["type"],
                    detail=sentence(request.state.locale, code, params),
                )
            )
        return respond(request, 422, "fields_invalid", errors=problems)

    async def framework(request: Request, error: HTTPException) -> Response:
        if isinstance(error, BodyTooLarge):
            return respond(request, 413, "body_too_large", params={"limit": error.limit})
        code = _FRAMEWORK_CODES.get(error.status_code)
        if code is None:
            raise error
        return respond(request, error.status_code, code, headers=dict(error.headers or {}))

    async def away(request: Request, error: Exception) -> Response:
        if isinstance(error, DBAPIError) and not _is_passing(error):
            raise error
        log.warning("dependency_away", error=type(error).__name__)
        return respond(request, 503, "try_again", headers={"retry-after": "2"})

    app.add_exception_handler(errors.Refusal, refused)  # type: ignore[arg-type]  # Starlette types handlers by Exception
    app.add_exception_handler(RequestValidationError, unreadable)  # type: ignore[arg-type]  # as above
    app.add_exception_handler(HTTPException, framework)  # type: ignore[arg-type]  # as above
    for kind in (
        DBAPIError,
        PoolTimeout,
        StaleDataError,
        asyncpg.InternalClientError,  # a dying line: SQLAlchemy lets it through as it is
        redis.exceptions.ConnectionError,
        ConnectionError,
    ):
        app.add_exception_handler(kind, away)


def _is_passing(error: DBAPIError) -> bool:
    """Whether the database was merely away, busy or caught two of us at once, so that the same request may succeed."""
    if error.connection_invalidated or isinstance(error, InterfaceError | OperationalError):
        return True
    state = str(getattr(error.orig, "sqlstate", "") or "")
    # Connection exceptions, lock not available, serialization, deadlock, operator intervention, too many connections.
    return state.startswith(("08", "57P", "53")) or state in {"55P03", "40001", "40P01", "57014"}
