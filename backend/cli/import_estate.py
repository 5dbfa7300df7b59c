"""`tongxing import`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from backend.cli.opening import run, settings_of
from backend.cli.options import DATA, Data
from backend.clocks import register_clocks
from backend.features.estate.service import ImportReport, import_file
from backend.import_report import print_json, print_report
from backend.platform.process import open_process

cli = typer.Typer(add_completion=False)


@cli.command("import")
def import_workbook(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A workbook or CSV.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    accept_good_rows: Annotated[
        bool, typer.Option("--accept-good-rows", help="Write the good rows although some are refused.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a row, and a last one with the sums.")
    ] = False,
    region: Annotated[str | None, typer.Option(help="The region, where the file names none.")] = None,
    project: Annotated[str | None, typer.Option(help="The project, where the file names none (CSV).")] = None,
    data: Data = DATA,
) -> None:
    """Import an estate: read, report every bad row, and write all or nothing."""
    settings = settings_of(data)

    async def read(progress: Progress) -> ImportReport:
        task = progress.add_task("reading", total=None)
        async with open_process(settings) as process:
            register_clocks(process)
            return await import_file(
                process,
                file,
                dry_run=dry_run,
                accept_good_rows=accept_good_rows,
                region=region,
                project=project,
                on_progress=lambda done: progress.update(task, completed=done),
            )

    quiet = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} rows"))
    with Progress(*columns, console=quiet, transient=True, disable=as_json) as progress:
        report = run(read(progress))
    print_json(report) if as_json else print_report(report, Console(), dry_run=dry_run)
    raise typer.Exit(0 if report.written or (dry_run and report.refusal is None) else 1)
