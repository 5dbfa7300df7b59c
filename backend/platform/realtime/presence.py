"""Who has a thread open, and who is writing on it. Nobody's truth: it lives in Valkey with an expiry, travels over the
bus, and is wrong for a minute at most after a node has died. Who writes stands there for others than watchers
(`typists`).

Staff are told of everybody by name. Owners are told of the staff as one, without a name: they never learn which
employee merely looks on; who takes part is the author of a line. On a thread that a crowd watches nothing is told.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.platform.bus import ValkeyAway, ValkeyLine
from backend.platform.realtime.frames import Presence, ReadBy, TypingBy, told
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.messages import Lines, Marked, Message, State, Stood, Typed
from backend.platform.realtime.typists import keep
from backend.platform.realtime.watched import Watch, Watched

CROWD: Final = 16
"""Of more watchers presence and typing are not told: each would be told of each, which grows with their square."""

KEPT_SECONDS: Final = 60
TYPING_SECONDS: Final = 8.0

_RANK: Final[dict[State, int]] = {"gone": 0, "away": 1, "here": 2}
_CODE: Final[dict[State, str]] = {"here": "h", "away": "a"}
_STATE: Final[dict[str, State]] = {"h": "here", "a": "away"}


class Presences:
    """Keeps it for the threads watched here."""

    def __init__(self, hub: Hub, line: ValkeyLine) -> None:
        self._hub, self._line = hub, line
        self._asking: set[asyncio.Task[None]] = set()
        hub.other = self.heard

    def joined(self, watch: Watch) -> None:
        """A watcher is live: the others are told of it, and it of the others."""
        thread = watch.thread
        if len(thread.live) > CROWD:
            return
        if thread.remote is None:
            thread.remote = {}
            task = asyncio.create_task(self._learn(thread, watch))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        else:
            self._introduce(watch)
        self.changed(thread, watch.reader.caller)

    def changed(self, thread: Watched, caller: Caller) -> None:
        """How an account stands on a thread here may have changed: a socket came, went, or its app is away."""
        if len(thread.live) > CROWD:
            return
        sockets = self._hub.by_account.get(caller.account_id, ())
        states: list[State] = ["away" if one.away else "here" for one in sockets if thread.id in one.watches]
        state: State = max(states, key=_RANK.__getitem__, default="gone")
        account, staff = caller.account_id, caller.kind == "staff"
        present = thread.present or {}
        if state == (present[account][1] if account in present else "gone"):
            return
        self._hub.say(thread, Stood(account, staff, state))
        self._store(thread, account, staff, state)
        before = _stands(thread, account)
        if state == "gone":
            present.pop(account)
        else:
            present[account] = (staff, state)
        thread.present = present or None
        self._tell(thread, account, staff, before)

    def typing(self, thread: Watched, caller: Caller, *, on: bool) -> None:
        """Somebody here is writing, or no longer."""
        if len(thread.live) > CROWD:
            return
        typed = Typed(caller.account_id, caller.kind == "staff", on)
        self._hub.say(thread, typed)
        self._typed(thread, typed, here=True)

    def marked(self, thread: Watched, mark: Marked) -> None:
        """Somebody has read on, here or elsewhere."""
        named = told(ReadBy(thread.id, mark.account, mark.seq))
        unnamed = told(ReadBy(thread.id, None, mark.seq)) if mark.staff else named
        for watch in thread.live:
            watch.reader.put(named if watch.reader.employee else unnamed)

    def heard(self, thread: Watched, message: Message) -> None:
        """What another node says."""
        match message:
            case Marked():
                self.marked(thread, message)
            case Typed():
                self._typed(thread, message)
            case Stood(account, staff, state):
                before = _stands(thread, account)
                remote = thread.remote = thread.remote or {}
                if state != "gone":
                    remote[account] = (staff, state)
                else:
                    remote.pop(account, None)
                    if thread.present and account in thread.present:
                        # Gone there, and still here: whoever was told is told so.
                        self._hub.say(thread, Stood(account, staff, thread.present[account][1]))
                        self._store(thread, account, staff, thread.present[account][1])
                self._tell(thread, account, staff, before)
            case Lines():
                pass

    async def refresh(self) -> None:
        """Keep what is told here from expiring, and forget those whose node no longer does."""
        for number, thread in enumerate(list(self._hub.threads.values())):
            if thread.present:
                for account, (staff, state) in thread.present.items():
                    self._store(thread, account, staff, state)
            if thread.remote:
                with suppress(ValkeyAway):
                    self._reconcile(thread, await self._stored(thread))
            if number % 200 == 0:
                await asyncio.sleep(0)

    def _reconcile(self, thread: Watched, stored: dict[UUID, tuple[bool, State]]) -> None:
        known = thread.remote or {}
        here = thread.present or {}
        thread.remote = {
            account: known.get(account, stood) for account, stood in stored.items() if account not in here
        }
        for account, (staff, state) in known.items():
            if account not in stored:
                self._tell(thread, account, staff, (state, _staff_stands(thread, {account: (staff, state)})))

    async def _learn(self, thread: Watched, watch: Watch) -> None:
        with suppress(ValkeyAway):
            stored = await self._stored(thread)
            here = thread.present or {}
            others = {account: stood for account, stood in stored.items() if account not in here}
            thread.remote = others | (thread.remote or {})
        if watch in thread.live:
            self._introduce(watch)

    async def _stored(self, thread: Watched) -> dict[UUID, tuple[bool, State]]:
        found = await self._line.ask("HGETALL", f"presence:{thread.id}")
        pairs = found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True)
        return {
            UUID(account.decode()): (stood[:1] == b"s", _STATE[stood[1:].decode()])
            for account, stood in pairs
        }

    def _store(self, thread: Watched, account: UUID, staff: bool, state: State) -> None:
        key, field = f"presence:{thread.id}", str(account)
        if state == "gone":
            self._line.tell("HDEL", key, field)
        else:
            stood = ("s" if staff else "o") + _CODE[state]
            self._line.tell("HSETEX", key, "EX", KEPT_SECONDS, "FIELDS", 1, field, stood)

    def _introduce(self, watch: Watch) -> None:
        """Tell a newcomer who is there."""
        thread, reader = watch.thread, watch.reader
        for account in (thread.remote or {}).keys() | (thread.present or {}).keys():
            state, _ = _stands(thread, account)
            staff = _is_staff(thread, account)
            if account != reader.caller.account_id and (reader.employee or not staff):
                reader.say(Presence(account, state, thread.id))
        if not reader.employee and (together := _staff_stands(thread)) != "gone":
            reader.say(Presence(None, together, thread.id))

    def _tell(self, thread: Watched, account: UUID, staff: bool, before: tuple[State, State]) -> None:
        """Tell the watchers here what has changed about an account."""
        state, together = _stands(thread, account)
        if state != before[0]:
            named = told(Presence(account, state, thread.id))
            for watch in thread.live:
                reader = watch.reader
                if reader.caller.account_id != account and (reader.employee or not staff):
                    reader.put(named)
        if together != before[1]:
            unnamed = told(Presence(None, together, thread.id))
            for watch in thread.live:
                if not watch.reader.employee:
                    watch.reader.put(unnamed)

    def _typed(self, thread: Watched, typed: Typed, *, here: bool = False) -> None:
        """`here`: it was said at this node, which keeps it for the others and ends it."""
        if here:
            keep(self._line, thread.id, typed)
        typing = thread.typing if thread.typing is not None else {}
        thread.typing = typing
        earlier = typing.pop(typed.account, None)
        if earlier is not None:
            earlier.cancel()
        if typed.on:
            over = partial(self._typed, thread, Typed(typed.account, typed.staff, False), here=here)
            typing[typed.account] = asyncio.get_running_loop().call_later(TYPING_SECONDS, over)
        if typed.on == (earlier is not None):
            return
        if here:
            self._hub.stirred(thread.id)
        named = told(TypingBy(thread.id, typed.account, typed.on))
        unnamed = told(TypingBy(thread.id, None, typed.on)) if typed.staff else named
        for watch in thread.live:
            if watch.reader.caller.account_id != typed.account:
                watch.reader.put(named if watch.reader.employee else unnamed)


def _stands(thread: Watched, account: UUID) -> tuple[State, State]:
    """How an account stands on a thread, on any node; and how the staff does together."""
    states = [
        known[account][1]
        for known in (thread.present, thread.remote)
        if known is not None and account in known
    ]
    return max(states, key=_RANK.__getitem__, default="gone"), _staff_stands(thread)


def _staff_stands(thread: Watched, besides: dict[UUID, tuple[bool, State]] | None = None) -> State:
    known = (thread.present, thread.remote, besides)
    states = [state for accounts in known if accounts for staff, state in accounts.values() if staff]
    return max(states, key=_RANK.__getitem__, default="gone")


def _is_staff(thread: Watched, account: UUID) -> bool:
    return any(known[account][0] for known in (thread.present, thread.remote) if known and account in known)
