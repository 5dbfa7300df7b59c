"""`tongxing keys`."""

import typer

from backend.cli.opening import run, settings_of
from backend.cli.options import DATA, Data
from backend.features.people.service import reseal_identities
from backend.platform.process import open_process

cli = typer.Typer(no_args_is_help=True, add_completion=False)


@cli.callback()
def keys() -> None:
    """Sealing keys."""


@cli.command("reseal")
def keys_reseal(data: Data = DATA) -> None:
    """After a new first key in TONGXING_SEALING_KEYS: seal every identity number with it."""
    settings = settings_of(data)

    async def seal() -> int:
        total = 0
        async with open_process(settings) as process:
            while True:
                async with process.works.begin() as work:
                    done = await reseal_identities(work, process.sealer, limit=500)
                total += done
                if done == 0:
                    return total

    print(f"{run(seal())} identity numbers were sealed anew.")
