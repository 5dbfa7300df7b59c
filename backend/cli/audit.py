"""`tongxing audit`."""

import asyncio
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from backend.audit import look_once, run_audit
from backend.cli.opening import refuse, run, settings_of
from backend.cli.options import DATA, Data

cli = typer.Typer(add_completion=False)


@cli.command()
def audit(
    once: Annotated[bool, typer.Option("--once", help="Look once, say what is wrong, and end.")] = False,
    data: Data = DATA,
) -> None:
    """Look again and again whether everything that must happen at a time still will."""
    settings = settings_of(data, service=None if once else "audit")
    if not once:
        asyncio.run(run_audit(settings))
        return
    try:
        faults = run(look_once(settings))
    except (OSError, DBAPIError) as error:
        refuse(f"The database does not answer: {type(error).__name__}. No report was written.")
    for fault in faults:
        print(f"{fault.subject} {fault.why}")
    if faults:
        raise typer.Exit(1)
    print("All is well.")
