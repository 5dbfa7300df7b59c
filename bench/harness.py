"""What every benchmark stands on: a core for the server, one for the load, real servers, a table at the end."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.table import Table
from starlette.types import ASGIApp

from backend.core.config import Settings
from backend.platform.embedded import Servers, children, servers
from backend.prepare import prepare

ROOT = Path(__file__).parents[1]
OURS = (sys.executable, "-m", "backend", "api")
"""The command of an API process."""
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_NO_LIMIT = "1000000000"


@dataclass(frozen=True, slots=True)
class Options:
    """`quick`: under a minute, with less behind each figure. `as_json`: one object a line instead of a table.

    `large`: with more behind it than anybody waits for every day, where the benchmark has such a thing.
    """

    quick: bool
    as_json: bool
    large: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a report. `limit` says in words what `bar` holds it to; both are None where nothing is promised."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    peer: str | None = None
    bar: str | None = None
    holds: bool | None = None


def at_least(what: str, value: float, limit: float, *, peer: str, unit: str = "x") -> Figure:
    """A figure that must not be under `limit`."""
    return Figure(what, round(value, 2), unit, limit, peer, f">= {limit:g} {unit}", value >= limit)


def at_most(what: str, value: float, limit: float, *, unit: str, peer: str | None = None) -> Figure:
    """A figure that must not be over `limit`."""
    return Figure(what, round(value, 2), unit, limit, peer, f"<= {limit:g} {unit}", value <= limit)


def options(says: str, *, large: str | None = None) -> Options:
    """The two switches every benchmark takes; and `--large`, where the text says what it does."""
    parser = argparse.ArgumentParser(description=says)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.set_defaults(large=False)
    if large is not None:
        parser.add_argument("--large", action="store_true", help=large)
    given = parser.parse_args()
    return Options(quick=given.quick, as_json=given.json, large=given.large)


def report(title: str, figures: Sequence[Figure], wanted: Options) -> None:
    """Print the figures. A bar that does not hold is said, and fails nothing."""
    if wanted.as_json:
        for figure in figures:
            print(json.dumps(asdict(figure), ensure_ascii=False))
        return
    table = Table("what", "value", "peer", "bar", "holds", title=title, title_justify="left", box=None)
    for figure in figures:
        holds = "" if figure.holds is None else "[green]yes[/]" if figure.holds else "[red]NO[/]"
        value = f"{figure.value:,.2f}" if figure.value < 100 else f"{figure.value:,.0f}"
        table.add_row(figure.what, f"{value} {figure.unit}", figure.peer or "", figure.bar or "", holds)
    Console(width=150).print(table)


def use_load_core() -> None:
    """Keep this process and the servers it starts off the core of the measured server, where there are two cores."""
    os.sched_setaffinity(0, set(cores()[1:]) or {cores()[0]})


def cores() -> list[int]:
    """Every core, the measured server's first."""
    return sorted(range(os.cpu_count() or 1))


@contextmanager
def database(*, durable: bool = False) -> Iterator[Servers]:
    """PostgreSQL, migrated, and Valkey, until the block ends. `durable`: a commit waits for the disk."""
    with (
        tempfile.TemporaryDirectory(prefix="tongxing-bench-") as folder,
        servers(Path(folder) / "data", durable=durable) as running,
    ):
        prepare(running.database_url)
        yield running


def environment(running: Servers, database_url: str | None = None) -> dict[str, str]:
    """The environment of a process of ours over these servers, with no rate limit in the way."""
    # Without compiled modules a start takes four seconds longer, and a command is mostly start.
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return ours | {
        "TONGXING_DATABASE_URL": database_url or running.database_url,
        "TONGXING_VALKEY_URL": running.valkey_url,
        "TONGXING_REQUESTS_PER_MINUTE_ACCOUNT": _NO_LIMIT,
        "TONGXING_REQUESTS_PER_MINUTE_ADDRESS": _NO_LIMIT,
    }


@dataclass(frozen=True, slots=True)
class Measured:
    """A server on the server core."""

    port: int
    pid: int

    def busy(self) -> float:
        """Seconds of CPU it has used, all its threads together."""
        after_name = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> int:
        """Bytes of memory it holds."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="utf-8").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(module: Sequence[str], env: Mapping[str, str], *, core: int = 0) -> Iterator[int]:
    """`python -m MODULE ... --port N` on the server core; gives the port once it answers there."""
    with measured([sys.executable, "-m", *module], env, core=core) as server:
        yield server.port


@contextmanager
def measured(command: Sequence[str], env: Mapping[str, str], *, core: int = 0) -> Iterator[Measured]:
    """`COMMAND --port N` on the server core, once it answers there, until the block ends.

    `core`: another one, of `cores()`, for what only stands beside what is measured; -1 is the load's.
    """
    port = _free_port()
    # What it says goes nowhere, but it does say it: writing the log is part of a request's cost.
    child = children.spawn(
        [*command, "--port", str(port)],
        death_signal=signal.SIGKILL,
        output=subprocess.DEVNULL,
        env=env,
        cwd=ROOT,
    )
    os.sched_setaffinity(child.pid, {cores()[core]})
    try:
        _wait_for(port, child)
        yield Measured(port, child.pid)
    finally:
        children.stop(child, signal.SIGTERM, _STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, child: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(children.POLL_SECONDS)
        else:
            return
    raise RuntimeError(f"{child.args!r} does not answer")


def serve_peer(peers: Mapping[str, Callable[[Settings], ASGIApp]]) -> None:
    """The command line of a module of peers: serve one of them, under the server and loop that ours runs under."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=list(peers))
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    app = peers[given.name](Settings())
    uvicorn.run(app, port=given.port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
