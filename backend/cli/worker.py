"""`tongxing worker`."""

import asyncio

import typer

from backend.cli.opening import settings_of
from backend.cli.production import ready_for_production
from backend.worker import run_worker

cli = typer.Typer(add_completion=False)


@cli.command()
def worker() -> None:
    """Run the jobs."""
    settings = settings_of(service="worker")
    ready_for_production(settings)
    asyncio.run(run_worker(settings))
