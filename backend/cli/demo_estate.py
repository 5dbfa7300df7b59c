"""`tongxing demo-estate`."""

import json

import typer

from backend import demo
from backend.cli.opening import refuse, run, settings_of
from backend.cli.options import DATA, Data

cli = typer.Typer(add_completion=False)


@cli.command()
def demo_estate(data: Data = DATA) -> None:
    """Load the demo estate into an empty database, and print its sign-ins as one line of JSON."""
    settings = settings_of(data)
    if settings.production:
        refuse("Production mode has no demo estate.")
    print(json.dumps({"sign_ins": run(demo.load(settings))}, ensure_ascii=False))
