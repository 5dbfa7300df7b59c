"""`tongxing up` with stand-ins for the API and the worker: kills, crashes, refusals and its own end, for real."""

import io
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from backend.platform.embedded import servers
from backend.up import Commands, up
from tests.faults.started import Started, descendants, is_alive, query
from tests.fixtures.live import free_port

UP = """
import sys
from pathlib import Path
from backend.up import Commands, up
data, port, fresh, demo, *programs = sys.argv[1:]
migrate, show, api, worker, audit = ((sys.executable, "-c", program) for program in programs)
sys.exit(up(data=Path(data), host="127.0.0.1", port=int(port), demo=demo == "demo", fresh=fresh == "fresh",
            commands=Commands(migrate, show, api, worker, audit)))
"""

MIGRATE = "import os; assert os.environ['TONGXING_DATABASE_URL'] and os.environ['TONGXING_VALKEY_URL']"
FAILING = "import sys; sys.exit('relation owners already exists')"
DEMO = (
    """print('{"sign_ins": [{"who": "Owner 林", "sign_in": "13800000000", "how": "code in the mailbox"}]}')"""
)
API = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
HTTPServer((sys.argv[2], int(sys.argv[4])), Handler).serve_forever()
"""
STUBBORN_API = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + API
WORKER = "import signal; print('worker is up'); signal.pause()"
AUDIT = "import signal; print('audit is up'); signal.pause()"
STUBBORN_WORKER = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WORKER
CRASHING_WORKER = "import sys; print('worker begins'); sys.exit(3)"


@pytest.fixture
def begin_up(start: Callable[..., Started], used_data: Path) -> Callable[..., Started]:
    """`begin_up(worker=PROGRAM)` starts it in a process of its own, over a folder that was used before."""

    def begin(
        *,
        port: int = 0,
        demo: str = "",
        api: str = API,
        worker: str = WORKER,
        fresh: str = "",
        answer: str = "",
    ) -> Started:
        programs = (MIGRATE, DEMO, api, worker, AUDIT)
        return start(UP, str(used_data), str(port or free_port()), fresh, demo, *programs, answer=answer)

    return begin


def refused(
    capsys: pytest.CaptureFixture[str],
    data: Path,
    *,
    port: int = 0,
    fresh: bool = False,
    migrate: str = MIGRATE,
) -> str:
    """What `up` says on standard error when it does not serve."""
    migrate_command, *others = ((sys.executable, "-c", one) for one in (migrate, DEMO, API, WORKER, AUDIT))
    commands = Commands(migrate_command, *others)
    code = up(
        data=data, host="127.0.0.1", port=port or free_port(), demo=False, fresh=fresh, commands=commands
    )
    assert code == 1
    return capsys.readouterr().err


def test_up_shows_where_to_look_refuses_a_second_and_stops_on_ctrl_c(
    begin_up: Callable[..., Started], used_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    running = begin_up(port=port, demo="demo")
    running.until_said("Ctrl-C")
    for part in (
        f"http://127.0.0.1:{port}",
        "/docs",
        "/dev/mailbox",
        "Owner 林",
        "13800000000",
        "worker | worker is up",
        "audit  | audit is up",
    ):
        assert part in running.said
    sentence = f"Another `tongxing up` (pid {running.process.pid}) already serves {used_data}.\n"
    assert refused(capsys, used_data) == sentence
    below = descendants(running.process.pid)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(10) == 0
    assert not any(map(is_alive, below))
    assert "Traceback" not in running.said


def test_up_stops_within_ten_seconds_even_when_its_children_will_not(
    begin_up: Callable[..., Started],
) -> None:
    running = begin_up(api=STUBBORN_API, worker=STUBBORN_WORKER)
    running.until_said("Ctrl-C")
    below = descendants(running.process.pid)
    running.process.terminate()
    assert running.process.wait(10) == 0
    assert not any(map(is_alive, below))


def test_kill_9_of_up_leaves_nothing_and_the_next_up_starts(begin_up: Callable[..., Started]) -> None:
    first = begin_up(api=STUBBORN_API, worker=STUBBORN_WORKER)
    first.until_said("Ctrl-C")
    first.kill()
    # And a crashing child of the next is started again, after growing pauses.
    running = begin_up(worker=CRASHING_WORKER)
    running.until_said("Ctrl-C")
    running.until_said("worker | worker begins", times=3)
    assert running.said.count("worker exited with code 3; it starts again in 0.5 s.") == 1
    assert running.said.count("worker exited with code 3; it starts again in 1 s.") == 1


async def test_killed_servers_come_back_on_the_same_sockets_and_so_does_a_killed_worker(
    begin_up: Callable[..., Started], used_data: Path
) -> None:
    running = begin_up()
    running.until_said("Ctrl-C")
    names = {
        (Path("/proc") / str(pid) / "comm").read_text().strip(): pid
        for pid in descendants(running.process.pid)
    }
    (worker,) = [
        pid for pid in descendants(running.process.pid) if WORKER in Path(f"/proc/{pid}/cmdline").read_text()
    ]
    postmaster = int((used_data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    for pid in (names["valkey-server"], postmaster, worker):
        os.kill(pid, signal.SIGKILL)
    running.until_said("valkey was started again.")
    running.until_said("postgres was started again.")
    running.until_said("worker | worker is up", times=2)
    assert "worker was killed by SIGKILL; it starts again in 0.5 s." in running.said
    assert "valkey was killed by SIGKILL; it starts again in 0.5 s." in running.said
    assert "postgres was killed by SIGKILL; it starts again in 0.5 s." in running.said
    host = (used_data / "sockets").resolve()
    assert await query(f"postgresql://app@/tongxing?host={host}&port=5432", "SELECT 1") == 1
    async with Redis(unix_socket_path=str(host / "valkey.sock")) as valkey:
        assert await valkey.ping()


def test_a_port_in_use_is_named(begin_up: Callable[..., Started]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = begin_up(port=port)
        assert refused.process.wait(10) == 1
    assert refused.said.startswith(f"Port {port} on 127.0.0.1 is in use by process {os.getpid()} (")
    assert refused.said.endswith("choose another with --port.\n")


def test_a_failed_migration_says_why_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], used_data: Path
) -> None:
    said = refused(capsys, used_data, migrate=FAILING)
    assert "relation owners already exists\n" in said
    assert "Migrating the database failed: it exited with code 1." in said
    assert not (used_data / "postgres" / "postmaster.pid").exists()


async def test_fresh_begins_anew_after_a_yes_only(
    begin_up: Callable[..., Started],
    used_data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (used_data / "mine.txt").write_text("not theirs")
    monkeypatch.setattr(sys, "stdin", io.StringIO("no\n"))
    assert "Nothing was deleted" in refused(capsys, used_data, fresh=True)
    with servers(used_data, durable=False) as running:
        assert await query(running.database_url, "SELECT to_regclass('account')") == "account"
    anew = begin_up(fresh="fresh", answer="yes\n")
    anew.until_said("Ctrl-C")
    anew.process.terminate()
    assert anew.process.wait(10) == 0
    with servers(used_data, durable=False) as running:
        assert await query(running.database_url, "SELECT to_regclass('account')") is None
    assert (used_data / "mine.txt").exists()


def test_fresh_deletes_nothing_in_a_folder_that_is_not_ours(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "imports").mkdir(parents=True)
    assert "does not hold a Tongxing database" in refused(capsys, data, fresh=True)
    assert (data / "imports").is_dir()
