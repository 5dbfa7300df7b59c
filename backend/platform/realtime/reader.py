"""Somebody at the other end of a socket."""

from backend.core.caller import Caller
from backend.core.locale import DEFAULT, Locale
from backend.platform.realtime.frames import Told, told
from backend.platform.realtime.outgoing import Outgoing, Wire


class Reader(Outgoing):
    """One socket's way out, and who reads it. `away`: the app is in the background."""

    __slots__ = ("away", "caller", "locale")

    def __init__(self, wire: Wire, *, frames_most: int, bytes_most: int) -> None:
        super().__init__(wire, frames_most=frames_most, bytes_most=bytes_most)
        self.caller: Caller
        self.locale: Locale = DEFAULT
        self.away = False

    @property
    def employee(self) -> bool:
        """Whether this is a member of the staff, who may be told of staff by name."""
        return self.caller.kind == "staff"

    def say(self, frame: Told) -> None:
        """Send a frame of ours."""
        self.put(told(frame))
