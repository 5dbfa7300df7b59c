"""Sync against a model of it: whatever two phones, an owner and a bad network do, in whatever order.

Hypothesis draws who downloads, who records, which part of an outbox is sent in which order and how often, and what the
owner does meanwhile; the service and its database are real. Each answer is compared with what the model says, and at
the end every operation ever sent is applied once or stands on the thread.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from backend.features.repairs.rules.states import MOVES, State, legal
from tests.fixtures.field import Field, operation

EXAMPLES, STEPS = 10, 30

Answer = TypeVar("Answer")
_MINUTES = count()

ENGINEERS: dict[str, dict[str, Any]] = {
    "accept": {},
    "contact": {"reached": True, "words": "已联系"},
    "appoint": {},
    "set_out": {},
    "arrive": {},
    "abort": {"reason": "wrong_part"},
    "start": {"livable": True},
    "hold": {"reason": "weather"},
    "resume": {},
    "dance": {},
}
OWNERS: dict[str, dict[str, Any]] = {"resume": {}, "cancel": {"reason": "不修了"}}


@dataclass(slots=True)
class Model:
    """One ticket as it must be."""

    state: State = "reported"
    version: int = 1
    turns: list[tuple[int, str]] = field(default_factory=list)
    """With which version it came into another state, and by which device."""

    def make(self, op: str, by: str) -> None:
        self.version += 1
        target = MOVES[op].target
        if target is not None and target != self.state:
            self.turns.append((self.version, by))
            self.state = target

    def refuses(self, op: str, base: int, device: str) -> str | None:
        """Why a phone's operation is refused; None: it is not."""
        if op not in MOVES:
            return "operation_unknown"
        overtaken = any(version > base and by != device for version, by in self.turns)
        if MOVES[op].target is not None and overtaken:
            return "operation_overtaken"
        if op not in legal(self.state, ["engineer"]):
            return "move_illegal"
        return "gate_closed" if op == "start" else None


class SyncModel(RuleBasedStateMachine):
    """The rules."""

    def __init__(self, world: Field, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.world, self.loop = world, loop

    def run(self, act: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(act, self.loop).result()

    @initialize()
    def begin(self) -> None:
        """Two tickets, and two phones that have downloaded them."""
        ids = [self.run(self.world.ticket()) for _ in range(2)]
        self.tickets = {id_: Model() for id_ in ids}
        # A phone restored or bought: its name is new in each example, as its outbox is.
        self.devices = [f"{ids[0][-6:]}-{n}" for n in range(2)]
        self.held = {(device, id_): 1 for device in self.devices for id_ in ids}
        self.outbox: dict[str, list[dict[str, Any]]] = {device: [] for device in self.devices}
        self.answered: dict[tuple[str, str], tuple[str, str | None]] = {}

    @rule(data=st.data(), device=st.integers(0, 1))
    def download(self, data: st.DataObject, device: int) -> None:
        """A phone learns how its tickets stand."""
        answer = self.run(self.world.ask("engineer", "GET", "/v1/sync")).json()
        stands = {one["id"]: one["version"] for one in answer["tickets"]}
        for id_, model in self.tickets.items():
            if model.state != "cancelled":
                assert stands[id_] == model.version
                self.held[self.devices[device], id_] = model.version
            else:
                assert id_ not in stands

    @rule(
        device=st.integers(0, 1),
        ticket=st.integers(0, 1),
        ops=st.lists(st.sampled_from(list(ENGINEERS)), min_size=1, max_size=4),
    )
    def record(self, device: int, ticket: int, ops: list[str]) -> None:
        """Somebody records whatever, without a network."""
        self._record(device, ticket, ops)

    def _record(self, device: int, ticket: int, ops: list[str]) -> None:
        name, id_ = self.devices[device], list(self.tickets)[ticket]
        for op in ops:
            brings = self._time() if op == "appoint" else ENGINEERS[op]
            one = operation(id_, op, self.held[name, id_], **brings)
            self.outbox[name].append(one)

    def _time(self) -> dict[str, str]:
        """A time at which the engineer is nowhere else."""
        starts = self.world.process.clock.now() + timedelta(days=1, minutes=next(_MINUTES))
        return {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(seconds=30)).isoformat()}

    @rule(device=st.integers(0, 1), ticket=st.integers(0, 1), steps=st.integers(1, 6))
    def record_a_visit(self, device: int, ticket: int, steps: int) -> None:
        """What a visit is made of, in its order."""
        self._record(device, ticket, ["accept", "appoint", "set_out", "arrive", "start", "abort"][:steps])

    @precondition(lambda self: any(self.outbox.values()))
    @rule(data=st.data(), device=st.integers(0, 1))
    def send(self, data: st.DataObject, device: int) -> None:
        """Any part of an outbox, in any order, some of it more than once; it stays there as if no answer had come."""
        name = self.devices[device]
        if not self.outbox[name]:
            return
        # By places: the ids are new each time an example is run.
        places = st.lists(st.integers(0, len(self.outbox[name]) - 1), min_size=1, max_size=8)
        self._send(name, [self.outbox[name][place] for place in data.draw(places)])

    @precondition(lambda self: any(self.outbox.values()))
    @rule(device=st.integers(0, 1), times=st.integers(1, 2))
    def send_all(self, device: int, times: int) -> None:
        """The whole outbox in its order, as a phone should."""
        name = self.devices[device]
        for _ in range(times):
            if self.outbox[name]:
                self._send(name, self.outbox[name][-60:])

    def _send(self, name: str, batch: list[dict[str, Any]]) -> None:
        results = self.run(self.world.hand_in(batch, device=name))
        assert [one["id"] for one in results] == [one["id"] for one in batch]
        for one, result in zip(batch, results, strict=True):
            assert (result["result"], result["code"]) == self._expected(name, one), one
            model = self.tickets[one["ticket"]]
            assert (result["ticket"]["state"], result["ticket"]["version"]) == (model.state, model.version)

    def _expected(self, device: str, one: dict[str, Any]) -> tuple[str, str | None]:
        key = device, one["id"]
        if key in self.answered:
            result, code = self.answered[key]
            return ("already_applied", None) if result == "applied" else (result, code)
        model = self.tickets[one["ticket"]]
        code = model.refuses(one["op"], one["base_version"], device)
        if code is None:
            model.make(one["op"], device)
        self.answered[key] = ("applied", None) if code is None else ("refused", code)
        return self.answered[key]

    @rule(ticket=st.integers(0, 1), op=st.sampled_from(list(OWNERS)), likely=st.integers(0, 3))
    def owner_acts(self, ticket: int, op: str, likely: int) -> None:
        """The owner, meanwhile, with a network."""
        id_ = list(self.tickets)[ticket]
        model = self.tickets[id_]
        if op not in legal(model.state, ["owner"]) or (op == "cancel" and likely < 3):
            return
        self.run(self.world.moved("owner", id_, op, **OWNERS[op]))
        model.make(op, "owner")

    def teardown(self) -> None:
        """Whatever was sent is applied once, or on the thread; and the tickets stand as they must."""
        if not hasattr(self, "tickets"):
            return
        for id_, model in self.tickets.items():
            row = self.run(self.world.row(id_))
            assert (row.state, row.version) == (model.state, model.version)
        kept = self.run(self._kept())
        assert {key: outcome for key, (outcome, _) in kept.items()} == {
            key: outcome for key, (outcome, _) in self.answered.items()
        }
        assert all(line for outcome, line in kept.values() if outcome == "refused")

    async def _kept(self) -> dict[tuple[str, str], tuple[str, bool]]:
        async with self.world.process.works.begin() as work:
            rows = await work.execute(
                text(
                    "SELECT o.device, o.id, o.outcome, e.kind = 'late_record' AS line FROM sync_operation o"
                    " LEFT JOIN entry e ON e.thread_id = o.thread_id AND e.seq = o.seq WHERE o.device = ANY (:names)"
                ),
                {"names": self.devices},
            )
            return {(row.device, str(row.id)): (row.outcome, bool(row.line)) for row in rows}


async def test_whatever_phones_send_is_done_once_or_kept(field: Field) -> None:
    loop = asyncio.get_running_loop()
    chosen = hypothesis_settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine: Any = lambda: SyncModel(field, loop)  # noqa: E731  # Hypothesis takes a factory as well as a class
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
