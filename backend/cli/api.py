"""`tongxing api`."""

import typer

from backend.app import create_app
from backend.cli.opening import refuse, settings_of
from backend.cli.options import Port
from backend.cli.production import ready_for_production
from backend.features.notices.service import TemplatesBroken
from backend.server import Server

cli = typer.Typer(add_completion=False)


@cli.command()
def api(host: str = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the API."""
    settings = settings_of(service="api")
    ready_for_production(settings)
    try:
        app = create_app(settings)
    except TemplatesBroken as broken:
        refuse(f"The API refuses to start:\n{broken}")
    server = Server(app, settings, host=host, port=port)
    server.run(sockets=[server.bind()])
