"""The data folder: one process at a time, what belongs to it, and where its sockets lie.

No permission is ever changed outside it. Only where no socket can be reached by its path, a private folder
below /tmp holds the sockets.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from backend.platform.embedded.children import AS_NOBODY, AS_WE_ARE, IN_NAMESPACE, Identity, can_run
from backend.platform.embedded.errors import CannotStart, FolderInUse

LOCK = "tongxing.lock"
ADDRESS = "address"
"""Where the API answers that is served from this folder; there while it is."""
POSTGRES = "postgres"
POSTGRES_UNFINISHED = "postgres.new-"
SOCKETS = "sockets"
IMPORTS = "imports"
FILES = "files"
POSTGRES_LOG = "postgres.log"
VALKEY_LOG = "valkey.log"

# What the kernel lets a unix socket's path be long, in bytes, without the closing zero.
_SOCKET_PATH_BYTES = 107
_LONGEST_SOCKET = ".s.PGSQL.5432"
_LOG_BYTES = 10 << 20
_TEMPORARY = Path("/tmp")
_TEMPORARY_PREFIX = "tongxing-"


@contextmanager
def locked(data: Path) -> Iterator[Path]:
    """Make the folder when missing and hold it; yields its real path.

    Raises FolderInUse when another process holds it, CannotStart when it cannot be used.
    The kernel lets go of the lock when we die, however we die.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotStart(f"The data folder {data} cannot be used: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode().strip() or "unknown"
            raise FolderInUse(
                f"Another `tongxing up` (pid {holder}) already serves {data.resolve()}."
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield data.resolve()
    finally:
        os.close(descriptor)


def holds_a_database(data: Path) -> bool:
    """Whether a database was begun there."""
    return (data / POSTGRES / "PG_VERSION").exists()


def is_ours(data: Path) -> bool:
    """Whether the folder was made by us or is still empty: only then may `empty` be called on it."""
    return holds_a_database(data) or not any(path.name != LOCK for path in data.iterdir())


def empty(data: Path) -> None:
    """Delete what we put into the folder, by name; whatever else lies there stays. The lock stays too."""
    clear_sockets(data)
    clear_unfinished(data)
    for name in (POSTGRES, IMPORTS, FILES):
        shutil.rmtree(data / name, ignore_errors=True)
    for name in (ADDRESS, POSTGRES_LOG, VALKEY_LOG):
        (data / name).unlink(missing_ok=True)


def clear_unfinished(data: Path) -> None:
    """Delete what an `initdb` left that was killed half-way."""
    for unfinished in data.glob(f"{POSTGRES_UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)


def open_log(path: Path) -> IO[bytes]:
    """Open a server's log to append to it; one that has grown over the limit begins anew."""
    grown = path.exists() and path.stat().st_size > _LOG_BYTES
    return path.open("wb" if grown else "ab")


def identity_for(data: Path, program: Path) -> Identity:
    """As whom the servers can run, as PostgreSQL refuses root. Raises CannotStart when there is no way.

    An existing cluster keeps its owner, because PostgreSQL refuses a data folder of somebody else.
    """
    if os.geteuid() != 0:
        return AS_WE_ARE
    candidates = [AS_NOBODY, IN_NAMESPACE]
    if (data / POSTGRES).exists():
        owner = (data / POSTGRES).stat()
        candidates = [IN_NAMESPACE if owner.st_uid == 0 else Identity(owner.st_uid, owner.st_gid)]
    for identity in candidates:
        if can_run(identity, program, data):
            return identity
    raise CannotStart(
        f"PostgreSQL refuses to run as root, and no unprivileged user can enter {data} and run {program}; "
        "start `tongxing up` as an ordinary user, or name a folder everybody may enter with --data."
    )


def give(path: Path, identity: Identity) -> None:
    """Make the servers' user the owner."""
    if identity.user is not None and identity.group is not None:
        os.chown(path, identity.user, identity.group)


@contextmanager
def socket_folder(data: Path, identity: Identity) -> Iterator[Path]:
    """A private folder for the servers' sockets; gone afterwards, and a stale one is cleared first.

    Where the path is too deep for a socket, or holds a comma, which parts host names in a URL, it lies below
    /tmp, and `sockets` is a link to it: so the next start finds what a killed one left.
    """
    clear_sockets(data)
    place = data / SOCKETS
    if len(os.fsencode(place / _LONGEST_SOCKET)) <= _SOCKET_PATH_BYTES and "," not in str(place):
        place.mkdir(mode=0o700)
        give(place, identity)
    else:
        target = Path(tempfile.mkdtemp(prefix=_TEMPORARY_PREFIX, dir=_TEMPORARY))
        place.symlink_to(target)
        give(target, identity)
        place = target
    try:
        yield place
    finally:
        clear_sockets(data)


def clear_sockets(data: Path) -> None:
    """Delete the folder of sockets, also where it lies below /tmp."""
    place = data / SOCKETS
    if not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
        return
    target = place.readlink()
    # A link that somebody else bent must not delete anything: only what we could have made goes.
    if target.parent == _TEMPORARY and target.name.startswith(_TEMPORARY_PREFIX) and not target.is_symlink():
        shutil.rmtree(target, ignore_errors=True)
    place.unlink()
