"""`tongxing up`."""

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.options import DATA, Port
from backend.up import up as serve_all

cli = typer.Typer(add_completion=False)


@cli.command()
def up(
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = DATA,
    host: str = "127.0.0.1",
    port: Port = 8000,
    demo: Annotated[bool, typer.Option(help="Load the demo estate when there is none.")] = True,
    fresh: Annotated[bool, typer.Option(help="Begin anew, after asking.")] = False,
) -> None:
    """Everything in one folder and one command: PostgreSQL, Valkey, API and worker, until Ctrl-C."""
    raise typer.Exit(serve_all(data=data, host=host, port=port, demo=demo, fresh=fresh))
