"""The peers that run on Node: installed by npm into `bench/node/node_modules`, by the benchmark alone."""

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from backend.db.url import asyncpg_arguments
from backend.platform.embedded import Servers

FOLDER = Path(__file__).parent / "node"

TABLES = """
CREATE TABLE peer_thread (id int PRIMARY KEY, head int NOT NULL);
CREATE TABLE peer_entry (thread_id int NOT NULL REFERENCES peer_thread, seq int NOT NULL, cid text NOT NULL,
    body jsonb NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (thread_id, seq), UNIQUE (thread_id, cid));
"""


def node() -> str | None:
    """The `node` to run the peers by, once they are installed; None, and a sentence on stderr, where that cannot be."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        print("The peers on Node are left out: node and npm are not both here.", file=sys.stderr)
        return None
    lock, installed = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return program
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"The peers on Node are left out, npm cannot install them: {done.stderr}", file=sys.stderr)
        return None
    return program


def environment(running: Servers) -> dict[str, str]:
    """Where their database and their Valkey are, in the words of `pg` and of their own."""
    database = asyncpg_arguments(running.database_url)
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGDATABASE": "database"}
    return {
        **{name: str(database[key]) for name, key in names.items()},
        "VALKEY_SOCKET": unquote(urlsplit(running.valkey_url).path),
    }
