"""Child processes that never outlive us, whatever kills us.

Each child asks the kernel for a signal at our death (PR_SET_PDEATHSIG) and leads a session of its own, so
that Ctrl-C at the terminal reaches only the parent, which then stops its children in order.
The kernel ties that signal to the thread that spawned the child: spawn from the main thread.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000

NOBODY = 65534
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom a child runs: as we are (the default), as another user, or unprivileged in a user namespace.

    In the namespace the child keeps our uid towards the file system, so it enters what we may enter, but sees
    itself as `nobody` and holds no capability: PostgreSQL, which refuses root, accepts that.
    """

    user: int | None = None
    group: int | None = None
    namespace: bool = False


AS_WE_ARE = Identity()
AS_NOBODY = Identity(user=NOBODY, group=NOBODY)
IN_NAMESPACE = Identity(namespace=True)


def spawn(
    argv: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    identity: Identity = AS_WE_ARE,
    output: int | IO[bytes] | None = None,
    errors: int | IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child that gets `death_signal` when this process dies. Raises OSError when it cannot run."""
    parent = os.getpid()
    uid, gid = os.getuid(), os.getgid()

    def prepare() -> None:
        if identity.namespace:
            _enter_namespace(uid, gid)
        # After every change of credentials, because each of them clears the signal.
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return subprocess.Popen(
        [os.fspath(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        env=env,
        cwd=cwd,
        user=identity.user,
        group=identity.group,
        extra_groups=None if identity.user is None else [],
        start_new_session=True,
        preexec_fn=prepare,
    )


def _enter_namespace(uid: int, gid: int) -> None:
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    maps = {"setgroups": "deny", "uid_map": f"{NOBODY} {uid} 1", "gid_map": f"{NOBODY} {gid} 1"}
    for name, line in maps.items():
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, line.encode())
        os.close(descriptor)


def can_run(identity: Identity, program: Path, folder: Path) -> bool:
    """Whether this identity may enter `folder` and run `program`: tried, not guessed from modes."""
    script = 'cd -- "$1" && exec "$2" --version'
    try:
        trial = spawn(
            ["/bin/sh", "-c", script, "sh", folder, program],
            death_signal=signal.SIGKILL,
            identity=identity,
            output=subprocess.DEVNULL,
            errors=subprocess.DEVNULL,
            cwd=Path("/"),
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return trial.wait() == 0


def stop(process: subprocess.Popen[bytes], sent: signal.Signals, limit: float) -> None:
    """Send the signal, wait `limit` seconds, then kill its process group; the child is reaped."""
    if process.poll() is not None:
        return
    process.send_signal(sent)
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_of(returncode: int) -> str:
    """Why a child ended, in words."""
    if returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"exited with code {returncode}"


def running_inside(folder: Path, program: str) -> list[int]:
    """Process ids of the running programs of that name whose working folder is `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder and (entry / "comm").read_text().strip() == program:
                    found.append(int(entry.name))
            except OSError:
                continue  # it is gone, or another user's: neither is ours
    return found


def wait_until_gone(folder: Path, program: str, limit: float) -> None:
    """Wait for what a killed launcher left behind in `folder`; after `limit` seconds kill it."""
    deadline = time.monotonic() + limit
    while left := running_inside(folder, program):
        if time.monotonic() > deadline:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        time.sleep(POLL_SECONDS)
