"""`tongxing api`."""

import typer

from backend.app import create_app
from backend.cli.opening import settings_of
from backend.cli.production import ready_for_production
from backend.server import Server

cli = typer.Typer(add_completion=False)


@cli.command()
def api(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API."""
    settings = settings_of(service="api")
    ready_for_production(settings)
    server = Server(create_app(settings), settings, host=host, port=port)
    server.run(sockets=[server.bind()])
