"""`tongxing worker`."""

import asyncio

import typer

from backend.cli.opening import refuse, settings_of
from backend.cli.production import ready_for_production
from backend.features.notices.service import TemplatesBroken
from backend.features.notices.service.sending import ChannelMisset
from backend.worker import run_worker

cli = typer.Typer(add_completion=False)


@cli.command()
def worker() -> None:
    """Run the jobs."""
    settings = settings_of(service="worker")
    ready_for_production(settings)
    try:
        asyncio.run(run_worker(settings))
    except (ChannelMisset, TemplatesBroken) as broken:
        refuse(f"The worker refuses to start:\n{broken}")
