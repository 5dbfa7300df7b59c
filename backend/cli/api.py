"""`tongxing api`."""

import typer
import uvicorn

from backend.app import create_app
from backend.cli.opening import settings_of
from backend.cli.production import ready_for_production

cli = typer.Typer(add_completion=False)


@cli.command()
def api(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API."""
    settings = settings_of(service="api")
    ready_for_production(settings)
    app = create_app(settings)
    uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            forwarded_allow_ips=settings.forwarded_allow_ips,
            timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
            backlog=4096,
        )
    ).run()
