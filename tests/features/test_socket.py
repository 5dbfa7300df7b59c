"""The socket as an app uses it: signing in, watching with the past and live, saying, reading, typing, presence."""

from uuid import UUID

from backend.core.ids import new_id
from backend.platform.threads import open_threads
from tests.fixtures.people import owner_account, staff_account
from tests.fixtures.sockets import Call, Node


async def people(node: Node) -> tuple[UUID, UUID, UUID]:
    """An owner, an employee, and a thread that both see."""
    async with node.process.works.begin() as work:
        owner = await owner_account(work, None, "孙建华")
        employee = await staff_account(work, "T1")
        subject = new_id()
        thread = (await open_threads(work, "probe", [subject]))[subject]
    node.probes.sees |= {owner.id: "all", employee.id: "staff"}
    return owner.id, employee.id, thread


async def test_two_people_talk(node: Node, call: Call) -> None:
    owner_id, employee_id, thread = await people(node)
    owner, employee = await call(node, owner_id), await call(node, employee_id)
    assert (await owner.watch(thread))["head"] == 0
    assert (await employee.watch(thread))["head"] == 0

    said = await owner.say(thread, "厨房漏水", cid="mine-1")
    assert (said["op"], said["seq"], said["cid"]) == ("said", 1, "mine-1")
    line = await employee.next("entry")
    assert line == {
        "op": "entry", "thread": str(thread), "prev": 0, "seq": 1, "kind": "text", "author": str(owner_id),
        "body": {"text": "厨房漏水"}, "at": said["at"], "audience": "all", "cid": "mine-1", "hides": None,
        "erased": False,
    }  # fmt: skip
    assert owner.entries() == [line]
