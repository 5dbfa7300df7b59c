"""Whether a TCP port is free, and who holds it if not."""

import errno
import os
import socket
from pathlib import Path

_LISTENING = "0A"


def port_fault(host: str, port: int) -> str | None:
    """Why nothing can listen there, as a sentence; None when the port is free."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        return f"{host} is not an address of this machine; choose another with --host."
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} on {host} is in use{_by(port)}; choose another with --port."
            if error.errno == errno.EADDRNOTAVAIL:
                return f"{host} is not an address of this machine; choose another with --host."
            return f"Port {port} on {host} cannot be used: {error.strerror}; choose another with --port."
    return None


def _by(port: int) -> str:
    inodes = _listening_inodes(port)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()) and _holds(entry, inodes):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            return f" by process {entry.name} ({command[:200]})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    """The sockets that listen on the port. Columns: proc(5), /proc/net/tcp."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            for row in table.read_text().splitlines()[1:]:
                columns = row.split()
                if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(columns[9])
    return inodes


def _holds(process: Path, inodes: set[str]) -> bool:
    targets = {f"socket:[{inode}]" for inode in inodes}
    try:
        return any(str(link.readlink()) in targets for link in (process / "fd").iterdir())
    except OSError:
        return False  # it is gone, or another user's
