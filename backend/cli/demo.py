"""`tongxing demo`."""

import asyncio
from typing import Annotated

import typer

from backend.cli.opening import refuse
from backend.cli.options import DATA, Data
from backend.platform.embedded import folder
from backend.story import tell
from backend.story.telling import Lang

cli = typer.Typer(add_completion=False)

_PAUSE_SECONDS = 0.8


@cli.command()
def demo(
    data: Data = DATA,
    lang: Annotated[Lang, typer.Option(help="In which language it is told.")] = "zh",
    fast: Annotated[bool, typer.Option("--fast", help="Without pauses for reading.")] = False,
) -> None:
    """Tell the story of the product from end to end on a running `tongxing up`; its clock is moved for it."""
    try:
        address = (data / folder.ADDRESS).read_text()
    except OSError:
        refuse(f"Nothing is served from {data.resolve()}: start `make run` in another terminal first.")
    raise typer.Exit(asyncio.run(tell(address, lang=lang, pause=0 if fast else _PAUSE_SECONDS)))
