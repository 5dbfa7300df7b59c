"""`tongxing migrate`."""

import typer

from backend.cli.opening import settings_of
from backend.db import migrations
from backend.prepare import prepare

cli = typer.Typer(add_completion=False)


@cli.command()
def migrate() -> None:
    """Bring the database to this code's migration, with the standards that come with it."""
    prepare(settings_of().database_url)
    print(f"The database stands at {migrations.head()}.")
