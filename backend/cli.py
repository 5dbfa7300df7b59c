"""`tongxing`: up | api | worker | audit | migrate | import | demo | doctor | staff | clock | keys | standard."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from backend import demo as demo_estate
from backend import up as embedded
from backend.app import create_app
from backend.audit import look_once, run_audit
from backend.core.config import Settings, production_faults
from backend.core.errors import Refusal
from backend.core.locale import DEFAULT
from backend.core.logging import configure_logging
from backend.db import migrations
from backend.doctor import examine
from backend.features.estate.service import ImportReport, import_file
from backend.features.people.service import add_staff, make_administrator, reseal_identities
from backend.import_report import print_json, print_report
from backend.platform.embedded import CannotStart, servers_at_hand
from backend.platform.http.problems import sentence
from backend.platform.process import open_process
from backend.platform.shift import advance, read_shift
from backend.prepare import prepare
from backend.standard_commands import standard_commands
from backend.worker import run_worker

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Tongxing 同行: the backend of an owner app."
)
staff = typer.Typer(no_args_is_help=True, help="Employees.")
clock = typer.Typer(no_args_is_help=True, help="The system's clock (development mode only).")
keys = typer.Typer(no_args_is_help=True, help="Sealing keys.")
cli.add_typer(staff, name="staff")
cli.add_typer(clock, name="clock")
cli.add_typer(keys, name="keys")
console = Console()
DATA = Path(".tongxing")

# What a command opened for itself is closed when it ends, however it ends.
_until_the_end = ExitStack()
Result = TypeVar("Result")


def main() -> None:
    """The console script."""
    with _until_the_end:
        cli()


@cli.command()
def up(
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = DATA,
    host: str = "127.0.0.1",
    port: int = 8000,
    demo: Annotated[bool, typer.Option(help="Load the demo estate when there is none.")] = True,
    fresh: Annotated[bool, typer.Option(help="Begin anew, after asking.")] = False,
) -> None:
    """Everything in one folder and one command: PostgreSQL, Valkey, API and worker, until Ctrl-C."""
    raise typer.Exit(embedded.up(data=data, host=host, port=port, demo=demo, fresh=fresh))


@cli.command()
def api(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API."""
    settings = _settings(service="api")
    _ready_for_production(settings)
    app = create_app(settings)
    uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            forwarded_allow_ips=settings.forwarded_allow_ips,
            timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
            backlog=4096,
        )
    ).run()


@cli.command()
def worker() -> None:
    """Run the jobs."""
    settings = _settings(service="worker")
    _ready_for_production(settings)
    asyncio.run(run_worker(settings))


@cli.command()
def audit(
    once: Annotated[bool, typer.Option("--once", help="Look once, say what is wrong, and end.")] = False,
) -> None:
    """Look again and again whether everything that must happen at a time still will."""
    settings = _settings(service=None if once else "audit")
    if not once:
        asyncio.run(run_audit(settings))
        return
    try:
        faults = _run(look_once(settings))
    except (OSError, DBAPIError) as error:
        _refuse(f"The database does not answer: {type(error).__name__}. No report was written.")
    for fault in faults:
        console.print(f"{fault.subject} {fault.why}", markup=False)
    if faults:
        raise typer.Exit(1)
    console.print("All is well.")


@cli.command()
def migrate() -> None:
    """Bring the database to this code's migration, with the standards that come with it."""
    prepare(_settings().database_url)
    console.print(f"The database stands at {migrations.head()}.")


@cli.command()
def demo() -> None:
    """Load the demo estate into an empty database, and print its sign-ins as one line of JSON."""
    settings = _settings()
    if settings.production:
        _refuse("Production mode has no demo estate.")
    print(json.dumps({"sign_ins": _run(demo_estate.load(settings))}, ensure_ascii=False))


@cli.command()
def doctor() -> None:
    """Look at everything this installation stands on, and say what is wrong."""
    findings = _run(examine(_settings()))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    colours = {"ok": "green", "warning": "yellow", "wrong": "red"}
    for finding in findings:
        table.add_row(f"[{colours[finding.state]}]{finding.state}[/]", finding.what, finding.says)
    console.print(table)
    raise typer.Exit(1 if any(finding.state == "wrong" for finding in findings) else 0)


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
) -> None:
    """Import an estate: read, report every bad row, and write all or nothing."""
    settings = _settings()

    async def run(progress: Progress) -> ImportReport:
        task = progress.add_task("reading", total=None)
        async with open_process(settings) as process:
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
        report = _run(run(progress))
    print_json(report) if as_json else print_report(report, console, dry_run=dry_run)
    raise typer.Exit(0 if report.written or (dry_run and report.refusal is None) else 1)


@staff.command("add")
def staff_add(
    employee_no: str,
    name: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    phone: Annotated[str | None, typer.Option()] = None,
    administrator: Annotated[bool, typer.Option("--administrator", help="Of the whole company.")] = False,
) -> None:
    """Add an employee; the first one should be an administrator, who gives out the positions."""
    settings = _settings()

    async def run() -> None:
        async with open_process(settings) as process, process.works.begin() as work:
            account = await add_staff(
                work, employee_no=employee_no, name=name, password=password, phone=phone
            )
            if administrator:
                await make_administrator(work, process.clock.now(), account)

    _run(run())
    console.print(f"{name} ({employee_no}) can sign in.")


@clock.command("advance")
def clock_advance(days: float = 0, hours: float = 0, minutes: float = 0) -> None:
    """Move the whole running system forward."""
    settings = _settings()
    by = timedelta(days=days, hours=hours, minutes=minutes)
    if settings.production:
        _refuse("Production mode has no clock that moves.")
    if by <= timedelta(0):
        _refuse("The clock only goes forward: give --days, --hours or --minutes.")

    async def run() -> timedelta:
        async with open_process(settings) as process, process.works.begin() as work:
            return await advance(work, process.signals, by)

    console.print(f"The system is now {_run(run())} ahead.")


@keys.command("reseal")
def keys_reseal() -> None:
    """After a new first key in TONGXING_SEALING_KEYS: seal every identity number with it."""
    settings = _settings()

    async def run() -> int:
        total = 0
        async with open_process(settings) as process:
            while True:
                async with process.works.begin() as work:
                    done = await reseal_identities(work, process.sealer, limit=500)
                total += done
                if done == 0:
                    return total

    console.print(f"{_run(run())} identity numbers were sealed anew.")


def _settings(*, service: str | None = None) -> Settings:
    """The settings of a command; ends it with a sentence where they cannot be read.

    A service needs its addresses. Any other command without them uses the servers of `.tongxing`: those that
    `tongxing up` runs there, or its own for as long as the command lasts.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"TONGXING_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        _refuse(f"Settings: {wrong}")
    missing = [name for name in ("database_url", "valkey_url") if not getattr(settings, name)]
    if missing and (service is not None or settings.production or len(missing) == 1):
        names = " and ".join(f"TONGXING_{name.upper()}" for name in missing)
        _refuse(f"{names} must be set. To try everything in one folder: `tongxing up`.")
    if missing:
        settings = _at_hand(settings)
    if service is not None:
        configure_logging(settings.log_level, service=service)
    return settings


def _at_hand(settings: Settings) -> Settings:
    try:
        servers = _until_the_end.enter_context(servers_at_hand(DATA))
    except CannotStart as error:
        _refuse(str(error))
    if servers.started:
        print(f"PostgreSQL and Valkey run in {DATA.resolve()} for this command.", file=sys.stderr)
        prepare(servers.database_url)
    return settings.model_copy(
        update={"database_url": servers.database_url, "valkey_url": servers.valkey_url}
    )


def _ready_for_production(settings: Settings) -> None:
    """Ends the command where production mode must not serve: with development settings, or a clock that was moved."""
    if not settings.production:
        return
    faults = production_faults(settings)
    if not faults and (shift := _run(_shift(settings))):
        faults = [f"the database is {shift} ahead of its clock: it was used for tests or a demo"]
    if faults:
        _refuse("Production mode refuses to start:\n" + "\n".join(faults))


async def _shift(settings: Settings) -> timedelta:
    """How far the system was moved; none while the database is away or empty, which hinders no start."""
    async with open_process(settings) as process:
        try:
            async with process.works.begin() as work:
                return await read_shift(work)
        except (OSError, DBAPIError):
            return timedelta(0)


def _run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    try:
        return asyncio.run(coroutine)
    except Refusal as refusal:
        _refuse(sentence(DEFAULT, refusal.code, refusal.params))


def _refuse(says: str) -> NoReturn:
    print(says, file=sys.stderr)
    raise typer.Exit(1)


cli.add_typer(standard_commands(_settings), name="standard")
