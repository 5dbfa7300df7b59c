"""Both servers together."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.platform.embedded import folder
from backend.platform.embedded import postgres as postgres_server
from backend.platform.embedded import valkey as valkey_server
from backend.platform.embedded.binaries import find_binaries
from backend.platform.embedded.errors import FolderInUse
from backend.platform.embedded.postgres import Postgres
from backend.platform.embedded.valkey import Valkey

_POSTGRES_STOP_SECONDS = 2.5
_VALKEY_STOP_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to reach the servers of a folder. `started`: they run only for this block."""

    database_url: str
    valkey_url: str
    started: bool


@dataclass(frozen=True, slots=True)
class Servers:
    """A running PostgreSQL and Valkey over one data folder."""

    data: Path
    postgres: Postgres
    valkey: Valkey

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def valkey_url(self) -> str:
        return self.valkey.url

    @property
    def postgres_pid(self) -> int:
        return self.postgres.pid

    @property
    def valkey_pid(self) -> int:
        return self.valkey.pid


@contextmanager
def servers(data: Path, *, durable: bool = True) -> Iterator[Servers]:
    """PostgreSQL and Valkey over `data` for as long as the block lasts; call it from the main thread.

    `durable=False`, for tests, lets a power failure lose data. Raises FolderInUse or CannotStart.
    """
    with folder.locked(data) as held, servers_in(held, durable=durable) as running:
        yield running


@contextmanager
def servers_in(data: Path, *, durable: bool = True) -> Iterator[Servers]:
    """The same over a folder the caller has locked."""
    binaries = find_binaries()
    identity = folder.identity_for(data, binaries.postgres_bin / "postgres")
    with ExitStack() as stack:
        sockets = stack.enter_context(folder.socket_folder(data, identity))
        postgres = Postgres(binaries, data, sockets, identity, durable=durable)
        stack.callback(postgres.stop, _POSTGRES_STOP_SECONDS)
        postgres.start()
        valkey = Valkey(binaries, data, sockets, identity)
        stack.callback(valkey.stop, _VALKEY_STOP_SECONDS)
        valkey.start()
        yield Servers(data, postgres, valkey)


@contextmanager
def servers_at_hand(data: Path) -> Iterator[Addresses]:
    """The servers over `data`: those that run there already, or ones started for as long as the block lasts.

    Raises CannotStart.
    """
    with ExitStack() as stack:
        try:
            running = stack.enter_context(servers(data))
        except FolderInUse:
            sockets = (data / folder.SOCKETS).resolve()
            yield Addresses(postgres_server.url_in(sockets), valkey_server.url_in(sockets), started=False)
        else:
            yield Addresses(running.database_url, running.valkey_url, started=True)
