"""`tongxing doctor`."""

import typer
from rich.console import Console
from rich.table import Table

from backend.cli.opening import run, settings_of
from backend.cli.options import DATA, Data
from backend.doctor import examine

cli = typer.Typer(add_completion=False)


@cli.command()
def doctor(data: Data = DATA) -> None:
    """Look at everything this installation stands on, and say what is wrong."""
    findings = run(examine(settings_of(data)))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    colours = {"ok": "green", "warning": "yellow", "wrong": "red"}
    for finding in findings:
        table.add_row(f"[{colours[finding.state]}]{finding.state}[/]", finding.what, finding.says)
    Console().print(table)
    raise typer.Exit(1 if any(finding.state == "wrong" for finding in findings) else 0)
