"""`tongxing standard`: check a document, compare two, list what one leaves open. No server is asked without need."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from backend.cli.opening import refuse, run, settings_of
from backend.cli.options import DATA, Data
from backend.core.errors import NotFound
from backend.core.locale import DEFAULT, sentence
from backend.features.people.service import ROLES
from backend.features.standard.service import DEFAULT as SIX_PLUS_TWO
from backend.features.standard.service import (
    Fault,
    Standard,
    Unreadable,
    differences,
    faults,
    library,
    not_set,
    read_document,
    shipped,
    version_of,
)
from backend.platform.process import open_process

_NAME = re.compile(r"([a-z0-9-]+):([A-Z]/[0-9])")
_AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_Named = "A file, or CODE:VERSION such as six-plus-two:A/0, of those shipped or else of the database."

cli = typer.Typer(no_args_is_help=True, add_completion=False)
_console = Console()


@cli.callback()
def standard() -> None:
    """Service standards."""


def _named(name: str, data: Path) -> Standard:
    path, match = Path(name), _NAME.fullmatch(name)
    if path.is_file():
        try:
            return read_document(path.read_bytes(), _kind(path)).standard
        except Unreadable as error:
            refuse(f"{name}: `tongxing standard check {name}` names {len(error.faults)} faults.")
    if match is None:
        refuse(f"{name} is neither a file nor CODE:VERSION.")
    code, version = match.groups()
    found = shipped(code, version) if (code, version) in library() else _kept(code, version, data)
    return found or refuse(f"There is no standard {name}.")


@cli.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML, or JSON by its name.")],
    as_json: _AsJson = False,
) -> None:
    """Name every fault of a document, each with its place."""
    found = _faults(file)
    if as_json:
        _print_lines([{"line": line, **asdict(one), "message": _says(one)} for line, one in found])
    elif found:
        table = Table("行 line", "位置 where", box=None, padding=(0, 2, 0, 0))
        # Folded, not cut: the end of the sentence says what to do.
        table.add_column("说明 why", overflow="fold")
        for line, one in found:
            says = Text(f"{_says(one)} ({one.code})")
            table.add_row("" if line is None else str(line), Text(one.path), says)
        _console.print(table)
        _console.print(f"{len(found)} faults.")
    else:
        _console.print(f"{file} is sound.")
    raise typer.Exit(1 if found else 0)


@cli.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help=_Named)],
    after: Annotated[str, typer.Argument(metavar="B", help=_Named)],
    as_json: _AsJson = False,
    data: Data = DATA,
) -> None:
    """Say what turns A into B, place by place."""
    found = differences(_named(before, data), _named(after, data))
    if as_json:
        _print_lines([asdict(one) for one in found])
        return
    for one in found:
        _console.print(Text.assemble((one.path, "bold"), f" {one.kind}"))
        for sign, value in (("-", one.before), ("+", one.after)):
            if value is not None:
                _console.print(Text(f"  {sign} {json.dumps(value, ensure_ascii=False)}"))
    _console.print(f"{len(found)} differences.")


@cli.command("not-set")
def list_not_set(
    name: Annotated[str | None, typer.Argument(metavar="[FILE]", help=_Named)] = None,
    as_json: _AsJson = False,
    data: Data = DATA,
) -> None:
    """List every value a standard names and does not give; without a name, of 6+2 as shipped."""
    standard = shipped(SIX_PLUS_TWO) if name is None else _named(name, data)
    gaps = not_set(standard or refuse(f"{SIX_PLUS_TWO} is not shipped."))
    if as_json:
        _print_lines([asdict(gap) for gap in gaps])
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("位置 where", overflow="fold")
    table.add_column("gap")
    table.add_column("名称 name", overflow="fold")
    table.add_column("说明 why", overflow="fold")
    for gap in gaps:
        told = (gap.path, gap.gap or "", gap.name[DEFAULT], gap.why[DEFAULT])
        table.add_row(*map(Text, told))
    _console.print(table)
    _console.print(f"{len(gaps)} values are not set.")


def _kept(code: str, version: str, data: Path) -> Standard | None:
    settings = settings_of(data)

    async def look_up() -> Standard | None:
        async with open_process(settings) as process, process.works.begin() as work:
            try:
                return (await version_of(work, process.clock.now(), code, version))[1]
            except NotFound:
                return None

    return run(look_up())


def _faults(file: Path) -> list[tuple[int | None, Fault]]:
    try:
        read = read_document(file.read_bytes(), _kind(file))
    except Unreadable as error:
        return [(error.lines.of(one.path), one) for one in error.faults]
    return [(read.lines.of(one.path), one) for one in faults(read.standard, ROLES)]


def _kind(file: Path) -> Any:
    return "json" if file.suffix == ".json" else "yaml"


def _says(fault: Fault) -> str:
    return sentence(DEFAULT, fault.code, fault.params)


def _print_lines(found: list[dict[str, Any]]) -> None:
    for one in found:
        print(json.dumps(one, ensure_ascii=False))
