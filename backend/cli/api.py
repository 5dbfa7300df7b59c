"""`tongxing api`."""

import gc

import typer
import uvicorn

from backend.app import create_app
from backend.cli.opening import settings_of
from backend.cli.production import ready_for_production
from backend.platform.http.one_write import OneWriteProtocol

_YOUNG = 10_000

cli = typer.Typer(add_completion=False)


@cli.command()
def api(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API."""
    settings = settings_of(service="api")
    ready_for_production(settings)
    app = create_app(settings)
    # What has been made until now stays, and what a request makes seldom is a circle: both are looked at less often.
    gc.freeze()
    gc.set_threshold(_YOUNG)
    uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http=OneWriteProtocol,
            access_log=False,
            log_config=None,
            server_header=False,
            forwarded_allow_ips=settings.forwarded_allow_ips,
            timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
            backlog=4096,
        )
    ).run()
