"""`tongxing migrate`."""

import typer

from backend.cli.opening import settings_of
from backend.cli.options import DATA, Data
from backend.db import migrations
from backend.prepare import prepare

cli = typer.Typer(add_completion=False)


@cli.command()
def migrate(data: Data = DATA) -> None:
    """Bring the database to this code's migration, with the standards that come with it."""
    prepare(settings_of(data).database_url)
    print(f"The database stands at {migrations.head()}.")
