"""`tongxing up`: everything in one folder and one command, until Ctrl-C."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table

from backend.platform.embedded import children, folder
from backend.platform.embedded.errors import CannotStart
from backend.platform.embedded.ports import port_fault
from backend.platform.embedded.program import Program, pass_through
from backend.platform.embedded.servers import Servers, servers_in
from backend.platform.embedded.supervisor import Supervisor

# With the servers' own limits all of them together stay below ten seconds.
_API_STOP_SECONDS = 3.5
_WORKER_STOP_SECONDS = 2.5
_AUDIT_STOP_SECONDS = 0.5
_DRAIN_SECONDS = "3"
_TICK_SECONDS = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BACKEND = (sys.executable, "-m", "backend")


@dataclass(frozen=True, slots=True)
class Commands:
    """What `up` runs. `api` is given --host and --port; `demo` ends with a line of JSON, see `_sign_ins`."""

    # Not `tongxing migrate`: loading the whole product first would double the time until it can start.
    migrate: tuple[str, ...] = (sys.executable, "-m", "backend.prepare")
    demo: tuple[str, ...] = (*_BACKEND, "demo-estate")
    api: tuple[str, ...] = (*_BACKEND, "api")
    worker: tuple[str, ...] = (*_BACKEND, "worker")
    audit: tuple[str, ...] = (*_BACKEND, "audit")


class _Stopped(BaseException):
    """Somebody asked us to stop."""


def up(*, data: Path, host: str, port: int, demo: bool, fresh: bool, commands: Commands | None = None) -> int:
    """Serve until a signal says stop; call it from the main thread. Returns the exit code.

    0: stopped by Ctrl-C, SIGTERM or SIGHUP. 1: refused or failed at the start, with a sentence on standard
    error; nothing is left running.
    """
    try:
        with _signals_stop(), folder.locked(data) as held, ExitStack() as stack:
            if fault := port_fault(host, port):
                raise CannotStart(fault)
            if fresh:
                _begin_anew(held)
            _serve(stack, held, host, port, demo, commands or Commands())
    except _Stopped:
        _say("Stopped.")
    except CannotStart as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


@contextmanager
def _signals_stop() -> Iterator[None]:
    """The first signal unwinds whatever runs; while we stop, further ones change nothing."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _begin_anew(data: Path) -> None:
    if not folder.is_ours(data):
        raise CannotStart(f"{data} does not hold a Tongxing database, so --fresh deletes nothing in it.")
    try:
        answer = input(f"Delete the database and the files in {data}? Type yes: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise CannotStart("Nothing was deleted and nothing was started.")
    folder.empty(data)


def _serve(stack: ExitStack, data: Path, host: str, port: int, demo: bool, commands: Commands) -> None:
    started = time.monotonic()
    servers = stack.enter_context(servers_in(data))
    _say(f"PostgreSQL and Valkey are ready after {time.monotonic() - started:.1f} s.")
    # The table below is what a newcomer looks for: requests going well need not push it off the screen.
    env = (
        {"TONGXING_LOG_LEVEL": "WARNING", "TONGXING_PUBLIC_URL": _base(_reachable(host), port)}
        | os.environ
        | {
            "TONGXING_MODE": "development",
            "TONGXING_DATABASE_URL": servers.database_url,
            "TONGXING_VALKEY_URL": servers.valkey_url,
            "TONGXING_IMPORT_FOLDER": str(data / folder.IMPORTS),
            "TONGXING_FILES_URL": (data / folder.FILES).as_uri(),
            "TONGXING_DRAIN_SECONDS": _DRAIN_SECONDS,
            "PYTHONUNBUFFERED": "1",
        }
    )
    _run("Migrating the database", commands.migrate, env)
    api = Program("api", (*commands.api, "--host", host, "--port", str(port)), env, _say)
    worker = Program("worker", commands.worker, env, _say)
    audit = Program("audit", commands.audit, env, _say)
    # Unwound from the last to the first: the API stops before the worker, all before the servers.
    stack.callback(audit.stop, _AUDIT_STOP_SECONDS)
    stack.callback(worker.stop, _WORKER_STOP_SECONDS)
    stack.callback(api.stop, _API_STOP_SECONDS)
    stack.callback(_say, "Stopping.")
    worker.start()
    api.start()
    # While they start, so that the second core is not idle.
    sign_ins = _sign_ins(_run("Making sure of the demo estate", commands.demo, env)) if demo else []

    # Last, because it is first asked for when the others have run for a while.
    audit.start()

    supervisor = Supervisor([servers.postgres, servers.valkey, api, worker, audit], _say)
    shown = False
    while True:
        pass_through([api, worker, audit], _TICK_SECONDS)
        supervisor.tick()
        if not shown and _is_ready(host, port):
            shown = True
            base = _base(_reachable(host), port)
            stack.callback((data / folder.ADDRESS).unlink, missing_ok=True)
            (data / folder.ADDRESS).write_text(base)
            _show(base, servers, sign_ins)


def _run(what: str, command: Sequence[str], env: Mapping[str, str]) -> bytes:
    """Run a command to its end; its standard output. Raises CannotStart with what it said when it fails."""
    _say(f"{what}.")
    process = children.spawn(
        command, death_signal=signal.SIGKILL, output=subprocess.PIPE, errors=subprocess.PIPE, env=env
    )
    try:
        output, errors = process.communicate()
    except BaseException:
        children.stop(process, signal.SIGTERM, _API_STOP_SECONDS)
        raise
    if process.returncode != 0:
        said = (output + errors).decode(errors="replace").strip()
        raise CannotStart(f"{said}\n{what} failed: it {children.end_of(process.returncode)}.".strip())
    return output


def _sign_ins(output: bytes) -> list[dict[str, str]]:
    """From the demo's last line: {"sign_ins": [{"who": ..., "sign_in": ..., "how": ...}, ...]}."""
    try:
        found: list[dict[str, str]] = json.loads(output.splitlines()[-1])["sign_ins"]
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise CannotStart("Making sure of the demo estate failed: it did not say how to sign in.") from error
    return found


def _reachable(host: str) -> str:
    """Where a client on this machine finds a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=1.0)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _base(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _show(base: str, servers: Servers, sign_ins: Sequence[Mapping[str, str]]) -> None:
    table = Table(title="Tongxing 同行", box=ROUNDED, show_header=False, title_justify="left")
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    table.add_row("API", base)
    table.add_row("Documentation", f"{base}/docs")
    table.add_row("Mailbox", f"{base}/dev/mailbox  (one-time codes and messages land here)")
    table.add_section()
    for one in sign_ins:
        table.add_row(one["who"], f"{one['sign_in']}  ({one['how']})")
    table.add_section()
    table.add_row("Data folder", str(servers.data))
    table.add_row("Database", servers.database_url)
    table.add_row("Valkey", servers.valkey_url)
    table.add_row("Stop", "Ctrl-C")
    Console(markup=False, emoji=False, highlight=False).print(table)


def _say(line: str) -> None:
    print(line, flush=True)
