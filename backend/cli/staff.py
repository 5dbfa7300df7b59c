"""`tongxing staff`."""

from typing import Annotated

import typer

from backend.cli.opening import run, settings_of
from backend.cli.options import DATA, Data
from backend.features.people.service import add_staff, make_administrator
from backend.platform.process import open_process

cli = typer.Typer(no_args_is_help=True, add_completion=False)


@cli.callback()
def staff() -> None:
    """Employees."""


@cli.command("add")
def staff_add(
    employee_no: str,
    name: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    phone: Annotated[str | None, typer.Option()] = None,
    administrator: Annotated[bool, typer.Option("--administrator", help="Of the whole company.")] = False,
    data: Data = DATA,
) -> None:
    """Add an employee; the first one should be an administrator, who gives out the positions."""
    settings = settings_of(data)

    async def join() -> None:
        async with open_process(settings) as process, process.works.begin() as work:
            account = await add_staff(
                work, employee_no=employee_no, name=name, password=password, phone=phone
            )
            if administrator:
                await make_administrator(work, process.clock.now(), account)

    run(join())
    print(f"{name} ({employee_no}) can sign in.")
