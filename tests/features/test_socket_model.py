"""The socket against a model of it: what each device is sent is what a few lists say it must be.

Hypothesis draws who connects, drops, resumes, watches, says, repeats, reads, takes back and loses or is given rights;
the server and its database are real. Each device's lines, their `prev`, every answer and every refusal are compared.
"""

import asyncio
from typing import Any, TypeVar
from uuid import UUID

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

from backend.platform.threads import Audience
from tests.fixtures.raw_socket import Frame, RawSocket
from tests.fixtures.socket_world import Device, Following, Line, Person, Record, World
from tests.flows.waiting import until

Answer = TypeVar("Answer")

EXAMPLES, STEPS = 12, 30


class SocketModel(RuleBasedStateMachine):
    """The rules. Each one waits until every device has what the model says."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.run = world.run
        self.devices: list[Device] = []
        self.cids = 0

    @initialize()
    def open(self) -> None:
        """An owner and an agent watch both threads; the others are given rights, or not."""
        threads = self.run(self.world.threads(2))
        self.record = {thread: Record(subject) for thread, subject in threads.items()}
        self.world.rights.given.clear()
        for subject in threads.values():
            for person in self.world.people[:2]:
                self.world.rights.given[person.id, subject] = "staff" if person.is_staff else "all"
        for person in self.world.people[:2]:
            self._connected(person, dict.fromkeys(threads, 0))

    # What is drawn.

    def _one(self, data: st.DataObject, of: list[Answer]) -> Answer:
        return data.draw(st.sampled_from(of))

    def _sees(self, person: Person, thread: UUID) -> Audience | None:
        return self.world.rights.given.get((person.id, self.record[thread].subject))

    @precondition(lambda self: len(self.devices) < 5)
    @rule(data=st.data(), who=st.integers(0, 3))
    def connect(self, data: st.DataObject, who: int) -> None:
        """A device comes, with cursors or without."""
        person = self.world.people[who]
        # In the order of the threads: that of a set would be another one each time.
        wanted = [thread for thread in self.record if data.draw(st.booleans())]
        cursors = {thread: data.draw(st.integers(0, len(self.record[thread].lines))) for thread in wanted}
        self._connected(person, cursors)
        self._settle()

    def _connected(self, person: Person, cursors: dict[UUID, int]) -> None:
        hello = {str(thread): seq for thread, seq in cursors.items()}
        socket = self.run(RawSocket.signed_in(self.world.url, person.token, cursors=hello))
        device = Device(person, socket)
        self.devices.append(device)
        ready = next(frame for frame in socket.heard if frame["op"] == "ready")
        assert ready["account"] == str(person.id)
        assert {one["id"]: (one["head"], one["read"], one["unread"]) for one in ready["threads"]} == {
            str(thread): (record.head(sees), record.read.get(person.id, 0), record.unread(sees, person.id))
            for thread, record in self.record.items()
            if (sees := self._sees(person, thread)) is not None and record.head(sees)
        }
        for thread, after in cursors.items():
            self._watches(device, thread, after, 0)

    @precondition(lambda self: self.devices)
    @rule(data=st.data(), cut=st.booleans())
    def drop(self, data: st.DataObject, cut: bool) -> None:
        """A device goes, with or without a word."""
        device = self._one(data, self.devices)
        self.devices.remove(device)
        self.run(device.socket.drop() if cut else device.socket.close())

    @precondition(lambda self: self.devices)
    @rule(data=st.data())
    def watch(self, data: st.DataObject) -> None:
        """From the start, from anywhere, anew, or from now on."""
        device, thread = self._one(data, self.devices), self._one(data, list(self.record))
        after = data.draw(st.none() | st.integers(0, len(self.record[thread].lines)))
        since = len(device.socket.heard)
        self.run(
            device.socket.send(op="watch", thread=str(thread), **({} if after is None else {"after": after}))
        )
        self._watches(device, thread, after, since)
        self._settle()

    def _watches(self, device: Device, thread: UUID, after: int | None, since: int) -> None:
        sees, record = self._sees(device.person, thread), self.record[thread]
        answer = self.run(
            device.socket.until(
                lambda frame: frame["op"] in ("watching", "refused") and frame.get("thread") == str(thread),
                since,
            )
        )
        if sees is None:
            assert (answer["op"], answer["code"]) == ("refused", "not_found")
            device.following.pop(thread, None)
            return
        assert (answer["op"], answer["head"]) == ("watching", record.head(sees))
        start = record.head(sees) if after is None else after
        device.following[thread] = Following(start, since, record.seen(sees, start))

    @precondition(lambda self: any(device.following for device in self.devices))
    @rule(data=st.data())
    def unwatch(self, data: st.DataObject) -> None:
        """Nothing more of a thread."""
        device = self._one(data, [device for device in self.devices if device.following])
        thread = self._one(data, list(device.following))
        self._settle()
        del device.following[thread]
        since = len(device.socket.heard)
        self.run(device.socket.send(op="unwatch", thread=str(thread)))
        self.run(device.socket.answered())
        assert not [frame for frame in device.socket.heard[since:] if frame["op"] == "entry"]

    @precondition(lambda self: self.devices)
    @rule(
        data=st.data(),
        audience=st.sampled_from(["all", "all", "staff"]),
        again=st.integers(0, 4),
        times=st.integers(1, 3),
    )
    def say(self, data: st.DataObject, audience: Audience, again: int, times: int) -> None:
        """A line, or one that was said before; sent once or more often in one go."""
        device, thread = self._one(data, self.devices), self._one(data, list(self.record))
        record, person = self.record[thread], device.person
        mine = [line.cid for line in record.lines if line.author == person.id and line.kind == "text"]
        cid = self._one(data, mine) if mine and again == 0 else self._fresh_cid()
        frame = {
            "thread": str(thread),
            "cid": cid,
            "kind": "text",
            "body": {"text": cid},
            "audience": audience,
        }
        since = len(device.socket.heard)
        for _ in range(times):
            self.run(device.socket.send(op="say", **frame))
        answers = self._answers(device, {cid}, times, since)
        assert len(answers) == times
        sees = self._sees(person, thread)
        if sees is None:
            assert {(told["op"], told["code"]) for told in answers} == {("refused", "not_found")}
        elif audience == "staff" and sees == "all":
            assert {(told["op"], told["code"]) for told in answers} == {("refused", "staff_lines_by_staff")}
        else:
            seq = self._written(thread, Line(person.id, cid, "text", audience))
            assert {(told["op"], told["cid"], told["seq"]) for told in answers} == {("said", cid, seq)}
        self._settle()

    @precondition(lambda self: self.devices)
    @rule(data=st.data(), count=st.integers(2, 12))
    def say_many(self, data: st.DataObject, count: int) -> None:
        """Lines sent without waiting for answers stand in the order in which they were sent."""
        device, thread = self._one(data, self.devices), self._one(data, list(self.record))
        cids, since = [self._fresh_cid() for _ in range(count)], len(device.socket.heard)
        for cid in cids:
            self.run(
                device.socket.send(op="say", thread=str(thread), cid=cid, kind="text", body={"text": cid})
            )
        answers = self._answers(device, set(cids), count, since)
        assert [told["cid"] for told in answers] == cids
        if self._sees(device.person, thread) is None:
            assert {told["op"] for told in answers} == {"refused"}
        else:
            written = [self._written(thread, Line(device.person.id, cid, "text", "all")) for cid in cids]
            assert [(told["op"], told.get("seq")) for told in answers] == [("said", seq) for seq in written]
        self._settle()

    def _answers(self, device: Device, cids: set[str], count: int, since: int) -> list[Frame]:
        return self.run(
            device.socket.until_many(
                lambda told: told["op"] in ("said", "refused") and told.get("cid") in cids, count, since
            )
        )

    def _fresh_cid(self) -> str:
        self.cids += 1
        return f"c{self.cids}"

    def _written(self, thread: UUID, line: Line) -> int:
        """Note it in the model, once; its seq."""
        record = self.record[thread]
        for seq, known in enumerate(record.lines, 1):
            if (known.author, known.cid) == (line.author, line.cid):
                return seq
        record.lines.append(line)
        for device in self.devices:
            sees = self._sees(device.person, thread)
            if thread in device.following and (line.audience == "all" or sees == "staff"):
                device.following[thread].seqs.append(len(record.lines))
        return len(record.lines)

    @rule(data=st.data(), who=st.integers(0, 3))
    def say_over_rest(self, data: st.DataObject, who: int) -> None:
        """A phone without a socket."""
        person, thread = self.world.people[who], self._one(data, list(self.record))
        cid = self._fresh_cid()
        said = self.run(
            self.world.client.post(
                f"/v1/threads/{thread}/entries",
                json={"kind": "text", "body": {"text": cid}, "cid": cid},
                headers=person.headers,
            )
        )
        if self._sees(person, thread) is None:
            assert said.status_code == 404
            return
        assert said.json()["seq"] == self._written(thread, Line(person.id, cid, "text", "all"))
        self._settle()

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """Over REST; those who watch are sent a line that hides it."""
        lines = [
            (thread, seq, person)
            for thread, record in self.record.items()
            for seq, line in enumerate(record.lines, 1)
            for person in self.world.people
            if person.id == line.author and line.kind == "text" and seq not in record.hidden
            if self._sees(person, thread) in ("staff", line.audience)
        ]
        if not lines:
            return
        thread, seq, person = self._one(data, lines)
        path = f"/v1/threads/{thread}/entries/{seq}/withdrawal"
        taken = self.run(self.world.client.post(path, headers=person.headers))
        line = Line(person.id, f"withdrawn:{seq}", "withdrawn", self.record[thread].lines[seq - 1].audience)
        assert taken.json()["seq"] == self._written(thread, line)
        self.record[thread].hidden.add(seq)
        self._settle()

    @precondition(lambda self: self.devices)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """A mark goes on, never back, never beyond the end."""
        device, thread = self._one(data, self.devices), self._one(data, list(self.record))
        record, person = self.record[thread], device.person
        seq = data.draw(st.integers(0, len(record.lines) + 2))
        since = len(device.socket.heard)
        self.run(device.socket.send(op="read", thread=str(thread), seq=seq))
        if (sees := self._sees(person, thread)) is None:
            refused = self.run(device.socket.until(lambda told: told["op"] == "refused", since))
            assert (refused["of"], refused["code"]) == ("read", "not_found")
            return
        record.read[person.id] = max(record.read.get(person.id, 0), min(seq, record.head(sees)))
        stands = (record.head(sees), record.read[person.id], record.unread(sees, person.id))

        async def is_noted() -> bool | None:
            told = (await self.world.client.get(f"/v1/threads/{thread}", headers=person.headers)).json()
            return (told["head"], told["read"], told["unread"]) == stands or None

        self.run(until(is_noted))

    @rule(data=st.data(), who=st.integers(0, 3), given=st.booleans())
    def change_rights(self, data: st.DataObject, who: int, given: bool) -> None:
        """A right is taken, and the watching ends; or given."""
        person, thread = self.world.people[who], self._one(data, list(self.record))
        sees: Audience | None = ("staff" if person.is_staff else "all") if given else None
        if sees == self._sees(person, thread):
            return
        losing = [one for one in self.devices if one.person is person and thread in one.following]
        marks = [len(device.socket.heard) for device in losing]
        self.run(self.world.give(person, self.record[thread].subject, sees))
        for device, since in zip(losing, marks, strict=True):
            gone = device.socket.until(
                lambda told: told["op"] == "gone" and told["thread"] == str(thread), since
            )
            self.run(gone)
            del device.following[thread]

    # What must be so.

    def _settle(self) -> None:
        """Every device has what it must have; `prev` names the line before."""
        for device in self.devices:
            for thread, following in device.following.items():
                if following.seqs:
                    last, mine = following.seqs[-1], str(thread)
                    arrived = device.socket.until(
                        lambda told, last=last, mine=mine: (
                            told["op"] == "entry" and (told["thread"], told["seq"]) == (mine, last)
                        ),  # type: ignore[misc]
                        following.since,
                    )
                    self.run(arrived)
                lines = device.lines(thread)
                assert [line["seq"] for line in lines] == following.seqs
                assert [line["prev"] for line in lines] == [following.after, *following.seqs][: len(lines)]
                for line in lines:
                    known = self.record[thread].lines[line["seq"] - 1]
                    assert (line["author"], line["cid"]) == (str(known.author), known.cid)
                    assert (line["kind"], line["audience"]) == (known.kind, known.audience)

    def teardown(self) -> None:
        """Nothing more came than what must; and the database says the same."""
        for device in self.devices:
            self.run(device.socket.answered())
        self._settle()
        for device in self.devices:
            assert device.person.is_staff or not [
                told for told in device.socket.heard if told["op"] == "entry" and told["audience"] == "staff"
            ]
            self.run(device.socket.close())


async def test_devices_are_sent_what_the_model_says(socket_world: World) -> None:
    chosen = hypothesis_settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine: Any = lambda: SocketModel(socket_world)  # noqa: E731  # Hypothesis takes a factory as well as a class
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
