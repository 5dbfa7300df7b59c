"""Who may do what: every route, and for every kind of caller the status that answers them.

A row's `make` says what is asked for: where the act changes something, a thing made for it, so that no cell disturbs
another.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.features.hotline.routes.flow import VERBS
from backend.features.hotline.rules.states import MOVES
from backend.features.notices.service import tap_for
from backend.features.people.rules import Capability
from tests.features.access_world import Caller, World
from tests.fixtures.files import BYTES
from tests.fixtures.people import PASSWORD
from tests.fixtures.standards import small_document

Expected = Callable[[Caller], int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what stands in the path, and the keywords of `httpx`."""

    path: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)


Make = Callable[[World, Caller], Awaitable[Asked]]


# --- Who: what each kind of caller is answered -----------------------------------------------------------------


def everybody(status: int) -> Expected:
    """Public."""
    return lambda _: status


def signed_in(status: int) -> Expected:
    """Anybody's own affair."""
    return lambda caller: 401 if caller.kind == "nobody" else status


def owners(status: int) -> Expected:
    """Owners, family and tenants: their own affair."""
    return lambda caller: {"nobody": 401, "owner": status, "staff": 403}[caller.kind]


def staff(status: int) -> Expected:
    """Employees, whatever their position."""
    return lambda caller: {"nobody": 401, "owner": 403, "staff": status}[caller.kind]


def household(*, owner: int, family: int, tenant: int) -> Expected:
    """The household by role; for others it does not exist."""
    by_role = {"owner": owner, "family": family, "tenant": tenant}
    return lambda caller: by_role.get(caller.name, 404) if caller.kind == "owner" else owners(404)(caller)


def only_invited(status: int) -> Expected:
    """The invited alone."""
    return lambda caller: status if caller.name == "invited" else owners(404)(caller)


def only_the_owner(status: int) -> Expected:
    """The owner alone, among everybody who has signed in; for others there is no such thing."""
    return lambda caller: 401 if caller.kind == "nobody" else status if caller.name == "owner" else 404


def within(capability: Capability, status: int, *, beyond: int = 404) -> Expected:
    """Employees with this capability, inside their scope; outside, `beyond`."""

    def expected(caller: Caller) -> int:
        if caller.kind != "staff" or not caller.may(capability):
            return staff(403)(caller)
        return beyond if caller.place == "outside" else status

    return expected


def at_the_company(capability: Capability, status: int, *, below: int = 403) -> Expected:
    """Employees with this capability at the whole company; those with it further down, `below`."""

    def expected(caller: Caller) -> int:
        if caller.kind != "staff" or not caller.may(capability):
            return staff(403)(caller)
        return status if caller.place == "above" else below

    return expected


def household_or_within(
    capability: Capability, status: int, *, members: int, tenant: int | None = None
) -> Expected:
    """The household, its tenants perhaps otherwise; and employees inside their scope."""
    at_home = household(owner=members, family=members, tenant=members if tenant is None else tenant)
    return lambda caller: (at_home if caller.kind == "owner" else within(capability, status))(caller)


def residents_or_within(capability: Capability, status: int) -> Expected:
    """Whoever lives in the project, the neighbour too, and employees inside their scope."""
    living_there = {"owner", "family", "tenant", "other owner"}

    def expected(caller: Caller) -> int:
        if caller.kind == "owner":
            return status if caller.name in living_there else 404
        return 401 if caller.kind == "nobody" else within(capability, status)(caller)

    return expected


def follows(status: int) -> Expected:
    """Owners in the project and their families: those who are shown how it is built. Not tenants."""
    following = {"owner", "family", "other owner"}
    return lambda caller: status if caller.name in following else owners(404)(caller)


def follows_or_within(capability: Capability, status: int) -> Expected:
    """Whoever is shown how the project is built, and employees inside their scope."""

    def expected(caller: Caller) -> int:
        return within(capability, status)(caller) if caller.kind == "staff" else follows(status)(caller)

    return expected


def only(name: str, status: int, capability: Capability) -> Expected:
    """One employee's own; for others with the capability it does not exist."""
    return lambda caller: status if caller.name == name else within(capability, 404)(caller)


_SAID: Final = {"words": "处理中"}
_ANY: Final = "00000000-0000-7000-8000-000000000000"
_DAYS: Final = {"from": "2026-01-01", "to": "2026-12-31"}

BROUGHT: Final[dict[str, dict[str, Any]]] = {
    "pass_on": {"place": "厨房水槽", "component": "pipes"},
    "classify": {"severity": "urgent"},
    "contact": {"reached": True, **_SAID},
    "note_positions": {"customer": "要修好"},
    "answer_meanwhile": {"because": "断网", **_SAID},
    "propose": {"cause": "轴承", "proposal": "更换"},
    "withdraw_proposal": _SAID,
    "decline": _SAID,
    "agree_date": {"done_by": "2099-01-01T00:00:00Z"},
    "progress": _SAID,
    "finish": _SAID,
    "answer": _SAID,
    "explain": _SAID,
    "conclude": _SAID,
    "judge": {"validity": "invalid", **_SAID},
    "ask_closing": {"reason": "lawful", **_SAID},
    "refuse_closing": _SAID,
    "close": {"reason": "accepted", **_SAID},
    "reopen": {"reason": "又坏了"},
    "pause": {"reason": "waiting_for_owner"},
    "merge": {"into": _ANY},
    "link": {"kind": "case", "subject": _ANY},
    "bar": {"account": _ANY, "why": "complained_about", **_SAID},
    "claim": {"kind": "house_change", **_SAID},
    "decide_claim": {"claim": _ANY, "approved": True, **_SAID},
    "withdraw_claim": {"claim": _ANY},
}
"""What the moves of a case bring that bring something."""


# --- What: the things that are asked for -----------------------------------------------------------------------


def asking(**sent: Any) -> Make:
    """Nothing in the path; `sent` goes to `httpx`."""

    async def make(_world: World, _caller: Caller) -> Asked:
        return Asked(sent=sent)

    return make


def of_world(name: str, attribute: str, **sent: Any) -> Make:
    """The path's `name` is the world's own home, ownership or project."""

    async def make(world: World, _caller: Caller) -> Asked:
        value = world.project.id if attribute == "project" else getattr(world, attribute)
        return Asked({name: value}, sent)

    return make


def does_task(caller: Caller) -> int:
    """Whoever holds the role nearest to the home, and whoever oversees; others who see the home may not."""
    seen = within("see_estate", 200)(caller)
    if seen != 200 or caller.may("oversee") or caller.name == "customer_relations_specialist inside":
        return seen
    return 403


def brings_something(caller: Caller) -> int:
    """For a home of one's own, or for somebody who calls about one in scope."""
    if caller.kind == "owner":
        return 201 if caller.name in {"owner", "family", "tenant"} else 422
    return 401 if caller.kind == "nobody" else within("answer_hotline", 201, beyond=422)(caller)


def handles(status: int) -> Expected:
    """Employees who answer the hotline over its home; for others there is no such conversation."""

    def expected(caller: Caller) -> int:
        seen = within("answer_hotline", status)(caller)
        return 404 if seen == 403 and caller.kind == "staff" else seen

    return expected


def sees_conversation(status: int) -> Expected:
    """Whose it is and their family, and those who handle it."""
    at_home = household(owner=status, family=status, tenant=404)
    return lambda caller: (at_home if caller.kind == "owner" else handles(status))(caller)


def rates(caller: Caller) -> int:
    """Whose it is; family sees it and may not."""
    return owners(household(owner=201, family=403, tenant=404)(caller))(caller)


def reports(status: int) -> Expected:
    """For a home of one's own, or for somebody who calls about one in scope."""

    def expected(caller: Caller) -> int:
        if caller.kind == "owner":
            return status if caller.name in {"owner", "family", "tenant"} else 422
        return 401 if caller.kind == "nobody" else within("serve_repairs", status, beyond=422)(caller)

    return expected


def brings_case(caller: Caller) -> int:
    """For a home of one's own, or by any employee for one in scope (HC-26)."""
    if caller.kind == "owner":
        return 201 if caller.name in {"owner", "family", "tenant"} else 422
    if caller.kind == "nobody":
        return 401
    return 201 if caller.may("see_estate") and caller.place != "outside" else 422


def sees_case(status: int) -> Expected:
    """The household without its tenant, and employees by scope; for whoever only repairs there is none."""
    at_home = household(owner=status, family=status, tenant=404)

    def expected(caller: Caller) -> int:
        if caller.kind != "staff":
            return at_home(caller)
        return status if caller.may("see_people") and caller.place != "outside" else 404

    return expected


def moves_case(code: str) -> Expected:
    """As `sees_case`, of a case that is over: too late for whoever may make the move, and not theirs for others."""

    def expected(caller: Caller) -> int:
        seen = sees_case(0)(caller)
        parts = {"owner"} if caller.kind == "owner" else set()
        if caller.may("handle_cases"):
            parts.add("desk")
        if caller.role == "property_manager":
            parts.add("department")
        if caller.may("oversee"):
            parts.add("manager")
        # Links are made of what is over, too: here with nothing there is.
        late = 422 if code == "link" else 409
        return seen or (late if parts & set(MOVES[code].parts) else 403)

    return expected


def sees_ticket(status: int, *, engineer: int | None = None) -> Expected:
    """The household without its tenant, the one engineer, employees by scope; for other engineers there is none."""
    at_home = household(owner=status, family=status, tenant=404)

    def expected(caller: Caller) -> int:
        if caller.name == "repair_engineer inside":
            return status if engineer is None else engineer
        if caller.kind != "staff":
            return at_home(caller)
        return status if caller.may("see_people") and caller.place != "outside" else 404

    return expected


def takes_sides(status: int) -> Expected:
    """As `sees_ticket`, of those who do something there: its household, its engineer and the desk."""

    def expected(caller: Caller) -> int:
        seen = sees_ticket(status)(caller)
        idle = caller.kind == "staff" and caller.role != "repair_engineer" and not caller.may("serve_repairs")
        return 403 if seen == status and idle else seen

    return expected


def calls_the_other(status: int) -> Expected:
    """The household and the one engineer: whoever else sees it has no part in their call."""

    def expected(caller: Caller) -> int:
        seen = sees_ticket(status)(caller)
        return 403 if seen == status and caller.kind == "staff" and caller.role != "repair_engineer" else seen

    return expected


def answers_times(status: int) -> Expected:
    """The household alone: the times are the engineer's side's, who see them and do not choose."""
    return lambda caller: (
        403 if (seen := sees_ticket(status)(caller)) == status and caller.kind == "staff" else seen
    )


def household_answers(status: int) -> Expected:
    """An owner of the home alone binds it; family sees the quote."""
    return lambda caller: owners(household(owner=status, family=403, tenant=404)(caller))(caller)


def employees_see_ticket(status: int) -> Expected:
    """As `sees_ticket`, employees only."""
    return lambda caller: 403 if caller.kind == "owner" else sees_ticket(status)(caller)


def works_on_ticket(status: int) -> Expected:
    """The ticket's engineer, the desk, and managers; other employees see it."""

    def expected(caller: Caller) -> int:
        seen = employees_see_ticket(status)(caller)
        works = caller.role == "repair_engineer" or caller.may("serve_repairs") or caller.may("oversee")
        return 403 if seen == status and not works else seen

    return expected


def sees_visit(status: int, *, owners: int | None = None, makes: bool = False) -> Expected:
    """The household without its tenant, and who makes visits there or oversees it; `makes`: only who makes them.

    `owners`: what owners are answered, whoever they are.
    """
    at_home = household(owner=status, family=status, tenant=404)

    def expected(caller: Caller) -> int:
        if caller.kind != "staff":
            return owners if owners is not None and caller.kind == "owner" else at_home(caller)
        if caller.place == "outside" or not (caller.may("make_visits") or caller.may("oversee")):
            return 404
        return status if caller.may("make_visits") or not makes else 403

    return expected


def goes_there(status: int) -> Expected:
    """Who repairs or manages at the home's place; others who see the estate there do not."""
    hands = {"repair_engineer", "property_manager", "customer_manager", "head_of_customer_relations"}

    def expected(caller: Caller) -> int:
        seen = within("see_estate", status)(caller)
        return 403 if seen == status and caller.role not in hands else seen

    return expected


def with_ticket(**sent: Any) -> Make:
    """A ticket of such a home; `sent` goes to `httpx`."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked({"ticket_id": await world.ticket()}, sent)

    return make


def with_emergency(**sent: Any) -> Make:
    """A ticket that cannot wait."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked({"ticket_id": await world.emergency()}, sent)

    return make


def with_quote(**sent: Any) -> Make:
    """A ticket outside the warranty whose quote waits for an answer."""

    async def make(world: World, _caller: Caller) -> Asked:
        ticket_id, quote_id = await world.quote()
        return Asked({"ticket_id": ticket_id, "quote_id": quote_id}, sent)

    return make


def with_times(**sent: Any) -> Make:
    """A ticket whose engineer offers times."""

    async def make(world: World, _caller: Caller) -> Asked:
        ticket_id, offer_id = await world.offered_times()
        return Asked({"ticket_id": ticket_id, "offer_id": offer_id}, sent)

    return make


async def to_offer_times(world: World, _caller: Caller) -> Asked:
    begins = world.process.clock.now() + timedelta(days=2)
    time = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=1)).isoformat()}
    return Asked({"ticket_id": await world.ticket()}, {"json": {"times": [time]}})


async def to_quote(world: World, _caller: Caller) -> Asked:
    return Asked({"ticket_id": await world.uncovered_ticket()}, {"json": {"lines": []}})


async def cost_to_strike(world: World, _caller: Caller) -> Asked:
    ticket_id, cost_id = await world.cost()
    return Asked({"ticket_id": ticket_id, "cost_id": cost_id}, {"json": {"reason": "录错"}})


async def defect(world: World, _caller: Caller) -> Asked:
    return Asked({"ticket_id": await world.defect()})


async def ticket_to_batch(world: World, _caller: Caller) -> Asked:
    batch_id, _ = await world.defect_batch()
    return Asked({"batch_id": batch_id}, {"json": {"tickets": [str(await world.defect())]}})


async def ticket(world: World, _caller: Caller) -> Asked:
    return Asked({"ticket_id": await world.ticket()})


def visit(*, booked: bool = False, **said: Any) -> Make:
    """A visit of such a home; what is said goes as JSON."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked({"visit_id": await world.visit(booked=booked)}, {"json": said} if said else {})

    return make


async def visit_to_book(world: World, _caller: Caller) -> Asked:
    begins = world.process.clock.now() + timedelta(days=2)
    times = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=1)).isoformat()}
    return Asked({"visit_id": await world.visit()}, {"json": {"mode": "talk"} | times})


async def visit_to_give(world: World, _caller: Caller) -> Asked:
    to = str(world.callers["customer_service_specialist inside"].account_id)
    return Asked({"visit_id": await world.visit()}, {"json": {"account_id": to}})


async def to_plan_visit(world: World, _caller: Caller) -> Asked:
    return Asked(sent={"json": {"kind": "seasonal", "ownership_id": str(world.ownership_id)}})


async def visit_round(world: World, _caller: Caller) -> Asked:
    return Asked(sent={"params": {"node": str(world.project.id), "from": "2026-01-01", "to": "2026-03-31"}})


async def visit_report(world: World, _caller: Caller) -> Asked:
    said = {"from": "2026-01-01", "to": "2026-03-31", "words": "小结", "roles": ["project_engineer"]}
    return Asked(sent={"json": said | {"node": str(world.project.id)}})


async def case(world: World, _caller: Caller) -> Asked:
    return Asked({"case_id": await world.case()})


def case_over(code: str) -> Make:
    """A move on a case that is over, with what it brings."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked({"case_id": await world.case_over()}, {"json": BROUGHT.get(code, {})})

    return make


async def nothing_found(world: World, _caller: Caller) -> Asked:
    return Asked({"visit_id": await world.visit(), "number": 1}, {"json": {}})


async def approval_table(_world: World, _caller: Caller) -> Asked:
    falling = [{"role": "property_manager"}, {"role": "leader_in_charge"}]
    return Asked({"kind": "house_change"}, {"json": {"levels": falling, "reason": "反了"}})


async def case_to_bring(world: World, _caller: Caller) -> Asked:
    matter = {"kind": "enquiry", "gist": "停车位如何申请", "ownership_id": str(await world.like_the_home())}
    return Asked(sent={"json": matter})


async def to_accept(world: World, _caller: Caller) -> Asked:
    return Asked({"ticket_id": await world.ticket()}, {"json": {"move": "accept"}})


async def to_report(world: World, _caller: Caller) -> Asked:
    leak = {"place": "厨房", "component": "pipes", "description": "漏水"}
    return Asked(sent={"json": leak | {"ownership_id": str(await world.like_the_home())}})


async def to_compare(world: World, _caller: Caller) -> Asked:
    return Asked(sent={"params": {"ownership_id": str(await world.like_the_home()), "component": "pipes"}})


async def conversation(world: World, _caller: Caller) -> Asked:
    return Asked({"conversation_id": await world.conversation()})


async def something_to_bring(world: World, _caller: Caller) -> Asked:
    return Asked(sent={"json": {"text": "漏水", "ownership_id": str(await world.like_the_home())}})


async def to_rate(world: World, _caller: Caller) -> Asked:
    return Asked({"conversation_id": await world.conversation(closed=True)}, {"json": {"stars": 5}})


async def to_transfer(world: World, _caller: Caller) -> Asked:
    sent = {"json": {"to_role": "complaint_specialist"}}
    return Asked({"conversation_id": await world.conversation()}, sent)


async def to_snooze(world: World, _caller: Caller) -> Asked:
    sent = {"json": {"until": "2090-01-01T00:00:00Z"}}
    return Asked({"conversation_id": await world.conversation()}, sent)


async def to_close(world: World, _caller: Caller) -> Asked:
    return Asked({"conversation_id": await world.conversation()}, {"json": {"reason": "已答复"}})


async def to_ask_in(world: World, _caller: Caller) -> Asked:
    sent = {"json": {"account_id": str(await world.employee())}}
    return Asked({"conversation_id": await world.conversation()}, sent)


async def asked_in(world: World, _caller: Caller) -> Asked:
    conversation_id, account_id = await world.helper()
    return Asked({"conversation_id": conversation_id, "account_id": account_id})


async def own_session(world: World, caller: Caller) -> Asked:
    anybody = world.callers["owner"] if caller.kind == "nobody" else caller
    return Asked({"session_id": await world.session_of(anybody.account_id)})


async def session_of_a_stranger(world: World, _caller: Caller) -> Asked:
    return Asked({"session_id": await world.session_of(await world.employee())})


async def member(world: World, _caller: Caller) -> Asked:
    ownership_id, member_id = await world.member()
    return Asked({"ownership_id": ownership_id, "member_id": member_id})


async def to_invite(world: World, caller: Caller) -> Asked:
    phone = f"+86139{caller.account_id.int % 10**8:08}"
    return Asked({"ownership_id": await world.like_the_home()}, {"json": {"phone": phone, "role": "family"}})


async def invitation(world: World, _caller: Caller) -> Asked:
    return Asked({"invitation_id": await world.invitation()})


async def employee(world: World, _caller: Caller) -> Asked:
    return Asked({"account_id": await world.employee()}, {"json": {"name": "新名"}})


async def employee_without_face(world: World, _caller: Caller) -> Asked:
    return Asked({"account_id": await world.employee()}, {"json": {"photo": None}})


async def new_employee(_world: World, caller: Caller) -> Asked:
    number = f"N{caller.account_id.hex[-12:]}"
    return Asked(sent={"json": {"employee_no": number, "name": "新人", "password": "a-good-password-9"}})


async def appointment(world: World, _caller: Caller) -> Asked:
    asked = {
        "account": str(await world.employee()),
        "role": "quality_department",
        "node": str(world.project.id),
    }
    return Asked(sent={"json": asked})


async def position(world: World, _caller: Caller) -> Asked:
    tomorrow = local_date(world.process.clock.now()) + timedelta(days=1)
    sent = {"json": {"until": tomorrow.isoformat()}, "headers": {"if-match": "*"}}
    return Asked({"position_id": await world.position()}, sent)


def of_the_project(**sent: Any) -> Make:
    """Asked of the home's project, by its id."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked(sent={"params": {"project": str(world.project.id)} | sent})

    return make


async def shifts(world: World, _caller: Caller) -> Asked:
    return Asked({"position_id": await world.position()})


async def shifts_to_set(world: World, caller: Caller) -> Asked:
    asked = await shifts(world, caller)
    return Asked(asked.path, {"json": {"shifts": [], "reason": "排班"}, "headers": {"if-match": "*"}})


async def absence(world: World, _caller: Caller) -> Asked:
    since = world.process.clock.now().isoformat()
    entered = {"position": str(await world.position()), "kind": "absent", "since": since, "reason": "休假"}
    return Asked(sent={"json": entered})


async def absence_to_end(world: World, _caller: Caller) -> Asked:
    return Asked({"override_id": await world.absence()})


async def company_to_add(world: World, caller: Caller) -> Asked:
    return Asked({"project_id": world.project.id}, {"json": {"name": f"公司{caller.account_id.hex}"}})


async def to_join_the_team(world: World, _caller: Caller) -> Asked:
    joins = {"account": await world.to_join_the_team(), "duty": "repairs", "unit": "工程部"}
    return Asked({"project_id": world.project.id}, {"json": joins})


async def team_member(world: World, _caller: Caller) -> Asked:
    return Asked({"project_id": world.project.id, "member_id": await world.team_member()})


def reply_for(project: bool) -> Make:
    """A canned reply for the home's project, or for the company."""

    async def make(world: World, caller: Caller) -> Asked:
        written = {"code": f"of-{caller.account_id.hex[:30]}", "title": "问候", "texts": {"zh-CN": "您好"}}
        return Asked(sent={"json": written | ({"project": str(world.project.id)} if project else {})})

    return make


async def canned_reply(world: World, _caller: Caller) -> Asked:
    return Asked({"reply_id": await world.canned_reply()})


async def canned_reply_to_edit(world: World, caller: Caller) -> Asked:
    asked = await canned_reply(world, caller)
    return Asked(asked.path, {"json": {"title": "您好"}, "headers": {"if-match": "*"}})


def post(state: str = "draft", kind: str = "planning_or_design_change", **sent: Any) -> Make:
    """A post of the home's project; what is sent goes as JSON, made against the post as it stands."""

    async def make(world: World, _caller: Caller) -> Asked:
        more = {"json": sent, "headers": {"if-match": "*"}} if sent else {}
        return Asked({"post_id": await world.post(state, kind)}, more)

    return make


async def new_post(world: World, _caller: Caller) -> Asked:
    said = {"kind": "progress", "title": "11月进展", "text": "主体封顶", "steps": []}
    return Asked({"project_id": world.project.id}, {"json": said})


async def open_day_to_book(world: World, caller: Caller) -> Asked:
    asked = await post("published", "open_day")(world, caller)
    return Asked(asked.path, {"json": {"slot": str(asked.path["post_id"]), "persons": 2}})


async def booking(world: World, _caller: Caller) -> Asked:
    post_id, booking_id = await world.booking()
    return Asked({"post_id": post_id, "booking_id": booking_id})


def works_contract(**sent: Any) -> Make:
    """A contract of the home's project; what is sent goes as JSON, made against the contract as it stands."""

    async def make(world: World, _caller: Caller) -> Asked:
        more = {"json": sent, "headers": {"if-match": "*"}}
        return Asked({"contract_id": await world.works_contract()}, more)

    return make


async def new_works_contract(world: World, caller: Caller) -> Asked:
    said = {"number": f"施-{caller.account_id.hex}", "unit": "中建八局", "works": "土建"}
    return Asked({"project_id": world.project.id}, {"json": said})


def defect_batch(*, sent: bool = False, **said: Any) -> Make:
    """A batch of defects of the home's project; what is said goes as JSON, made against the batch as it stands."""

    async def make(world: World, _caller: Caller) -> Asked:
        batch_id, _ = await world.defect_batch(sent=sent)
        return Asked({"batch_id": batch_id}, {"json": said, "headers": {"if-match": "*"}})

    return make


async def batch_to_read(world: World, _caller: Caller) -> Asked:
    return Asked({"batch_id": (await world.defect_batch())[0]})


async def batch_to_postpone(world: World, caller: Caller) -> Asked:
    day = local_date(world.process.clock.now()) + timedelta(days=40)
    return await defect_batch(sent=True, deadline=day.isoformat(), reason="材料未到")(world, caller)


async def defect_to_add(world: World, caller: Caller) -> Asked:
    line = {"home_id": str(world.home_id), "component": "plaster", "description": "空鼓"}
    return await defect_batch(lines=[line])(world, caller)


async def defect_to_remove(world: World, _caller: Caller) -> Asked:
    batch_id, line_id = await world.defect_batch()
    return Asked({"batch_id": batch_id, "line_id": line_id})


async def new_defect_batch(world: World, _caller: Caller) -> Asked:
    day = local_date(world.process.clock.now()) + timedelta(days=30)
    said = {"unit": "中建八局", "occasion": "warranty_end", "deadline": day.isoformat()}
    return Asked({"project_id": world.project.id}, {"json": said})


async def statutory_term(world: World, _caller: Caller) -> Asked:
    said = {"component": "roof", "name": "屋面", "years": 5, "source": "第四十条"}
    return Asked(sent={"json": {"node": str(world.project.id)} | said})


def _anybody(world: World, caller: Caller) -> UUID:
    return (world.callers["owner"] if caller.kind == "nobody" else caller).account_id


async def device_to_keep(_world: World, _caller: Caller) -> Asked:
    told = {"platform": "ios", "token": f"t-{new_id()}", "app_version": "1", "locale": "en"}
    return Asked({"device_id": new_id()}, {"json": told})


async def way_out(world: World, caller: Caller) -> Asked:
    return Asked({"token": world.way_out(_anybody(world, caller))})


async def made_up_way_out(_world: World, _caller: Caller) -> Asked:
    return Asked({"token": "AmsxAAAA"})


async def own_device(world: World, caller: Caller) -> Asked:
    return Asked({"device_id": await world.device(_anybody(world, caller))})


async def device_of_a_stranger(world: World, _caller: Caller) -> Asked:
    return Asked({"device_id": await world.device(await world.employee())})


async def own_notice(world: World, caller: Caller) -> Asked:
    return Asked({"notice_id": await world.notice(_anybody(world, caller))})


async def own_notice_to_read(world: World, caller: Caller) -> Asked:
    return Asked(sent={"json": {"up_to": str(await world.notice(_anybody(world, caller)))}})


async def notice_of_the_owner(world: World, _caller: Caller) -> Asked:
    return Asked({"notice_id": await world.notice(world.callers["owner"].account_id)})


async def own_delivery(world: World, caller: Caller) -> Asked:
    return Asked({"delivery_id": await world.delivery(_anybody(world, caller))})


async def delivery_of_a_stranger(world: World, _caller: Caller) -> Asked:
    return Asked({"delivery_id": await world.delivery(await world.employee())})


async def ambiguous_delivery(world: World, _caller: Caller) -> Asked:
    delivery_id = await world.delivery(world.callers["owner"].account_id, ambiguous=True)
    return Asked({"delivery_id": delivery_id}, {"json": {"reason": "已核对"}})


async def parked_timer(world: World, _caller: Caller) -> Asked:
    return Asked({"timer_id": await world.parked_timer()}, {"json": {"reason": "已修正"}})


async def held_firing(world: World, _caller: Caller) -> Asked:
    await world.hold_firing()
    return Asked(sent={"json": {"reason": "时钟已核对"}})


async def an_audit(world: World, _caller: Caller) -> Asked:
    await world.audit()
    return Asked()


async def resale(world: World, _caller: Caller) -> Asked:
    asked = {"buyer": [{"name": "王芳", "phone": "13688889999"}]}
    return Asked({"ownership_id": await world.like_the_home()}, {"json": asked})


async def the_import(world: World, _caller: Caller) -> Asked:
    uploader = world.callers["administrator inside"]
    return Asked({"import_id": await world.import_of(uploader)}, {"json": {}})


async def import_to_look_at(world: World, caller: Caller) -> Asked:
    return Asked((await the_import(world, caller)).path)


async def the_owner(world: World, _caller: Caller) -> Asked:
    subject = str(world.callers["owner"].account_id)
    return Asked(sent={"json": {"subject": subject, "field": "phone", "reason": "回访"}})


async def consent(_world: World, _caller: Caller) -> Asked:
    return Asked({"use": "publication"}, {"json": {"given": True}})


async def resident(world: World, _caller: Caller) -> Asked:
    return Asked({"account_id": world.callers["owner"].account_id})


async def task(world: World, _caller: Caller) -> Asked:
    return Asked({"task_id": await world.task()})


async def task_to_do(world: World, _caller: Caller) -> Asked:
    call = {"kind": "call", "who": "李欣", "when": "2026-01-05T10:00:00+08:00", "reached": True}
    return Asked({"task_id": await world.task()}, {"json": {"evidence": [call]}})


async def date_move(world: World, _caller: Caller) -> Asked:
    return Asked({"move_id": await world.date_move()})


async def journey(world: World, _caller: Caller) -> Asked:
    return Asked({"ownership_id": await world.journey()})


def page_of_a_stranger(**more: Any) -> Make:
    """Somebody else's page, with what an act on it names."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked({"page_id": (await world.ringing()).page}, {"json": {"version": 1} | more})

    return make


async def call_to_make(world: World, _caller: Caller) -> Asked:
    return Asked({"call_id": (await world.ringing()).bundle})


async def call_that_reached_nobody(world: World, _caller: Caller) -> Asked:
    rings = await world.ringing()
    return Asked({"call_id": rings.bundle}, {"json": {"reached": False, "at": rings.since.isoformat()}})


def chain_of_the_project(**asked: Any) -> Make:
    """The project's chain; what is asked changes nothing."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked({"escalation_id": (await world.ringing()).chain}, {"json": asked})

    return make


async def chain_to_pause(world: World, _caller: Caller) -> Asked:
    rings = await world.ringing(anew=True)
    asked = {"reason": "割接", "until": (rings.since + timedelta(hours=1)).isoformat()}
    return Asked({"escalation_id": rings.chain}, {"json": asked})


async def promise_supposed(world: World, _caller: Caller) -> Asked:
    asked = {"node_id": str(world.project.id), "clock": "C2", "starts_at": "2026-11-23T09:00:00+08:00"}
    return Asked(sent={"json": asked})


async def tap_of_a_page(world: World, _caller: Caller) -> Asked:
    return Asked({"token": tap_for(world.process.sealer, "page", (await world.ringing()).bundle)})


async def unseen_thread(world: World, _caller: Caller) -> Asked:
    return Asked({"thread_id": await world.unseen_thread()})


async def line_on_unseen_thread(world: World, caller: Caller) -> Asked:
    said = {"kind": "text", "body": {"text": "在吗"}, "cid": "a"}
    return Asked((await unseen_thread(world, caller)).path, {"json": said})


async def line_of_unseen_thread(world: World, caller: Caller) -> Asked:
    return Asked({**(await unseen_thread(world, caller)).path, "seq": 1})


async def mark_on_unseen_thread(world: World, caller: Caller) -> Asked:
    return Asked((await unseen_thread(world, caller)).path, {"json": {"seq": 1}})


async def file_of_a_stranger(world: World, _caller: Caller) -> Asked:
    return Asked({"file_id": await world.file()})


async def bytes_for_a_stranger(world: World, _caller: Caller) -> Asked:
    sent = {"content": b"a", "headers": BYTES | {"upload-offset": "0"}}
    return Asked({"file_id": await world.file()}, sent)


async def link_of_nobody(world: World, _caller: Caller) -> Asked:
    query = {"session": str(world.home_id), "until": 1, "signature": "a"}
    return Asked({"file_id": await world.file(), "size": "full"}, {"params": query})


async def code_for_a_stranger(_world: World, caller: Caller) -> Asked:
    return Asked(sent={"json": {"phone": f"+86158{caller.account_id.int % 10**8:08}"}})


def of_calendar(**query: str) -> Make:
    """The world's project in the query."""

    async def make(world: World, _caller: Caller) -> Asked:
        return Asked(sent={"params": {"project": str(world.project.id)} | query})

    return make


async def promise(world: World, _caller: Caller) -> Asked:
    rule = {"kind": "working_hours", "value": 4}
    return Asked(
        sent={"json": {"project": str(world.project.id), "start": "2026-11-20T17:00:00+08:00", "rule": rule}}
    )


async def hours_of_the_node(world: World, _caller: Caller) -> Asked:
    return Asked(sent={"params": {"node": str(world.project.id)}})


async def hours_to_set(world: World, caller: Caller) -> Asked:
    shift = {"opens": "09:00", "closes": f"1{caller.account_id.int % 9}:{caller.account_id.int % 59:02}"}
    asked = {"node": str(world.project.id), "week": {"monday": [shift]}, "reason": "调整"}
    return Asked(sent={"json": asked, "headers": {"if-match": "*"}})


async def days_to_set(world: World, caller: Caller) -> Asked:
    day = {"day": "2026-12-08", "shifts": [], "name": f"{caller.account_id}"}
    asked = {"node": str(world.project.id), "days": [day], "reason": "调整"}
    return Asked(sent={"json": asked, "headers": {"if-match": "*"}})


async def the_version(world: World, _caller: Caller) -> Asked:
    return Asked({"number": await world.calendar_version()})


async def revision(world: World, caller: Caller) -> Asked:
    asked = await the_version(world, caller)
    return Asked(asked.path, {"json": {"all": True, "reason": "已说明"}})


async def standard_to_draft(_world: World, caller: Caller) -> Asked:
    code = f"of-{caller.account_id.hex}"
    return Asked({"code": code}, {"json": small_document(code)})


async def draft(world: World, _caller: Caller) -> Asked:
    code = await world.draft()
    sent = {"json": small_document(code), "headers": {"if-match": "*"}}
    return Asked({"code": code, "version": "A-0"}, sent)


async def draft_to_look_at(world: World, _caller: Caller) -> Asked:
    return Asked({"code": world.standard_code, "version": "A-0"}, {"params": {"against": "A-0"}})


async def draft_to_approve(world: World, caller: Caller) -> Asked:
    asked = await draft(world, caller)
    today = local_date(world.process.clock.now()).isoformat()
    return Asked(asked.path, asked.sent | {"json": {"effective_from": today, "reason": "修订"}})


async def projects_standard(world: World, _caller: Caller) -> Asked:
    return Asked({"project_id": world.project.id}, {"json": {"code": await world.standard()}})


async def project_with_a_standard(world: World, _caller: Caller) -> Asked:
    await world.chosen()
    return Asked({"project_id": world.project.id})


async def companys_standard(world: World, _caller: Caller) -> Asked:
    return Asked(sent={"json": {"code": await world.standard()}})


# --- The matrix ------------------------------------------------------------------------------------------------


NOTHING: Make = asking()


@dataclass(frozen=True, slots=True)
class Row:
    """One act. `note` tells rows of one route apart; `reveals`: the answer may hold what is otherwise masked.

    `reveals_to`: to this one caller, for it is their own.
    """

    route: str
    expected: Expected
    make: Make = NOTHING
    note: str = ""
    reveals: bool = False
    reveals_to: str = ""
    signs_out: bool = False

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route.partition(" ")[2]


OWNERSHIP = of_world("ownership_id", "ownership_id")
PAST = of_world("ownership_id", "past_id")
PROJECT = of_world("project_id", "project")
WRONG = {"phone": "+8613800000009", "code": "000000"}
CSV = {"file": ("a.csv", "楼栋,房号\n", "text/csv")}

MATRIX: tuple[Row, ...] = (
    # Before anybody invited moves into the project: what its people may read, and posts
    Row("GET /v1/projects/{project_id}/price-list", residents_or_within("see_estate", 200), PROJECT),
    Row("GET /v1/projects/{project_id}/posts", within("see_estate", 200), PROJECT),
    Row("POST /v1/projects/{project_id}/posts", within("write_posts", 201), new_post),
    Row("PUT /v1/posts/{post_id}", within("write_posts", 200), post(title="a", text="b", steps=[])),
    Row("DELETE /v1/posts/{post_id}", within("write_posts", 204), post()),
    Row("POST /v1/posts/{post_id}/review", within("review_posts", 200), post(approved=True)),
    Row("GET /v1/posts/{post_id}/audience", within("see_estate", 200), post()),
    Row(
        "POST /v1/posts/{post_id}/schedule",
        within("publish_posts", 200),
        post("reviewed", at="2099-01-01T00:00:00Z"),
    ),
    Row("DELETE /v1/posts/{post_id}/schedule", within("publish_posts", 200), post("scheduled")),
    Row(
        "POST /v1/posts/{post_id}/withdrawal", within("publish_posts", 200), post("published", reason="有误")
    ),
    Row("GET /v1/posts/{post_id}/receipts", within("see_estate", 200), post("published")),
    Row("GET /v1/posts/{post_id}", follows_or_within("see_estate", 200), post("published")),
    Row("POST /v1/posts/{post_id}/read", follows(204), post("published")),
    Row("POST /v1/posts/{post_id}/confirmation", follows(204), post("published")),
    Row(
        "GET /v1/ownerships/{ownership_id}/posts",
        household_or_within("see_estate", 200, members=200, tenant=403),
        of_world("ownership_id", "ownership_id"),
    ),
    Row("GET /v1/projects/{project_id}/viewpoints", residents_or_within("see_estate", 200), PROJECT),
    Row("GET /v1/visits", signed_in(200)),
    Row("POST /v1/visits", within("make_visits", 201, beyond=422), to_plan_visit),
    Row("GET /v1/visits/{visit_id}", sees_visit(200), visit()),
    Row(
        "POST /v1/visits/{visit_id}/book",
        sees_visit(200, makes=True),
        visit_to_book,
    ),
    Row(
        "POST /v1/visits/{visit_id}/call-off", sees_visit(200, makes=True), visit(booked=True, reason="改期")
    ),
    Row("POST /v1/visits/{visit_id}/visitor", sees_visit(200, owners=403, makes=True), visit_to_give),
    Row(
        "POST /v1/visits/{visit_id}/attempts",
        sees_visit(201, owners=403, makes=True),
        visit(way="phone", reached=False, words="无人接听"),
    ),
    Row(
        "POST /v1/visits/{visit_id}/no-show",
        sees_visit(200, makes=True),
        visit(booked=True, absent="visitor", words="没有人来"),
    ),
    Row(
        "POST /v1/visits/{visit_id}/findings",
        sees_visit(201, owners=403, makes=True),
        visit(words="墙面有裂纹", becomes="note"),
    ),
    Row(
        "POST /v1/visits/{visit_id}/complete",
        sees_visit(200, owners=403, makes=True),
        visit(mode="talk", summary="业主满意"),
    ),
    Row("GET /v1/reports/visits", within("make_visits", 200, beyond=422), visit_round),
    Row("POST /v1/visit-reports", within("make_visits", 201, beyond=422), visit_report),
    Row("GET /v1/visit-reports", within("make_visits", 200, beyond=200)),
    Row(
        "GET /v1/ownerships/{ownership_id}/warranty",
        household_or_within("see_estate", 200, members=200, tenant=404),
        OWNERSHIP,
    ),
    Row("GET /v1/projects/{project_id}/warranty-ledger", within("oversee", 200), PROJECT),
    Row("GET /v1/projects/{project_id}/warranty-ledger.csv", within("oversee", 200), PROJECT),
    Row("GET /v1/projects/{project_id}/statutory-terms", within("oversee", 200), PROJECT),
    Row("POST /v1/statutory-terms", within("keep_warranty", 201), statutory_term),
    Row("GET /v1/projects/{project_id}/works-contracts", within("oversee", 200), PROJECT),
    Row("POST /v1/projects/{project_id}/works-contracts", within("keep_warranty", 201), new_works_contract),
    Row(
        "PUT /v1/works-contracts/{contract_id}",
        within("keep_warranty", 200),
        works_contract(unit="中建八局", works="安装"),
    ),
    Row(
        "POST /v1/works-contracts/{contract_id}/stage",
        within("keep_warranty", 200),
        works_contract(stage="settling"),
    ),
    Row("GET /v1/projects/{project_id}/defect-batches", within("oversee", 200), PROJECT),
    Row("POST /v1/projects/{project_id}/defect-batches", within("keep_warranty", 201), new_defect_batch),
    Row("GET /v1/defect-batches/{batch_id}", within("oversee", 200), batch_to_read),
    Row("POST /v1/defect-batches/{batch_id}/lines", within("keep_warranty", 200), defect_to_add),
    Row("POST /v1/defect-batches/{batch_id}/tickets", within("keep_warranty", 200), ticket_to_batch),
    Row(
        "DELETE /v1/defect-batches/{batch_id}/lines/{line_id}",
        within("keep_warranty", 200),
        defect_to_remove,
    ),
    Row("POST /v1/defect-batches/{batch_id}/send", within("keep_warranty", 200), defect_batch()),
    Row("POST /v1/defect-batches/{batch_id}/answer", within("keep_warranty", 200), defect_batch(sent=True)),
    Row("POST /v1/defect-batches/{batch_id}/correct", within("keep_warranty", 200), defect_batch(sent=True)),
    Row("POST /v1/defect-batches/{batch_id}/deadline", within("keep_warranty", 200), batch_to_postpone),
    Row("POST /v1/posts/{post_id}/bookings", follows(201), open_day_to_book),
    Row("GET /v1/posts/{post_id}/bookings", within("see_estate", 200), booking),
    Row(
        "DELETE /v1/posts/{post_id}/bookings/{booking_id}",
        household(owner=204, family=204, tenant=404),
        booking,
    ),
    Row("GET /healthz", everybody(200)),
    Row("GET /readyz", everybody(200)),
    Row("GET /metrics", everybody(200)),
    Row("GET /docs", everybody(200)),
    Row("GET /openapi.json", everybody(200)),
    Row("GET /dev/mailbox", everybody(200)),
    Row("GET /dev/mailbox/messages", everybody(200)),
    Row("GET /dev/clock", everybody(200)),
    Row("POST /dev/clock", everybody(200), asking(json={"by": "PT0.001S"})),
    # Signing in
    Row("POST /v1/auth/codes", everybody(202), code_for_a_stranger),
    Row("POST /v1/auth/sessions", everybody(401), asking(json=WRONG)),
    Row(
        "POST /v1/auth/staff-sessions", everybody(422), asking(json={"employee_no": "T0001", "password": ""})
    ),
    # Pages and chains
    Row("GET /v1/pages", staff(200)),
    Row("POST /v1/pages/{page_id}/acknowledge", staff(404), page_of_a_stranger()),
    Row("POST /v1/pages/{page_id}/decline", staff(404), page_of_a_stranger(reason="在开会")),
    Row("POST /v1/pages/{page_id}/handover", staff(404), page_of_a_stranger(to=str(new_id()))),
    Row("GET /v1/me/paging", staff(200)),
    Row("PUT /v1/me/paging", staff(200), asking(json={"again": []})),
    Row("GET /v1/calls", within("answer_hotline", 200, beyond=200)),
    Row("POST /v1/calls/{call_id}/number", within("answer_hotline", 201), call_to_make),
    Row("POST /v1/calls/{call_id}/record", within("answer_hotline", 200), call_that_reached_nobody),
    Row("GET /v1/taps/{token}", everybody(200), tap_of_a_page),
    Row("POST /v1/taps/{token}", everybody(404), made_up_way_out),
    Row("GET /v1/ops/escalations", within("oversee", 200, beyond=200)),
    Row("POST /v1/ops/escalations/simulate", within("oversee", 200), promise_supposed),
    Row("POST /v1/ops/escalations/{escalation_id}/simulate", within("oversee", 200), chain_of_the_project()),
    Row("POST /v1/ops/escalations/{escalation_id}/pause", within("operate", 200), chain_to_pause),
    Row(
        "POST /v1/ops/escalations/{escalation_id}/resume",
        within("operate", 409),
        chain_of_the_project(reason="完成"),
    ),
    # One's own
    Row("GET /v1/me", signed_in(200)),
    Row("PATCH /v1/me", signed_in(200), asking(json={"locale": "en"})),
    Row("GET /v1/me/sessions", signed_in(200)),
    Row("DELETE /v1/me/sessions", signed_in(204), signs_out=True),
    Row("DELETE /v1/me/sessions/{session_id}", signed_in(204), own_session),
    Row("DELETE /v1/me/sessions/{session_id}", signed_in(404), session_of_a_stranger, "another's"),
    Row("PUT /v1/me/password", staff(422), asking(json={"present": PASSWORD, "wanted": "weak"})),
    Row("POST /v1/me/totp", staff(201)),
    Row("POST /v1/me/totp/confirmation", staff(422), asking(json={"code": "none"})),
    Row("POST /v1/me/totp/removal", staff(204), asking(json={"password": PASSWORD})),
    Row("GET /v1/me/homes", owners(200)),
    Row("GET /v1/me/invitations", owners(200)),
    Row("GET /v1/me/reveals", signed_in(200)),
    Row("GET /v1/me/notice-preferences", signed_in(200)),
    Row("PUT /v1/me/notice-preferences", signed_in(200), asking(json={})),
    Row("PUT /v1/me/email", signed_in(202), asking(json={"email": "somebody@example.com"})),
    Row("POST /v1/me/email/confirmation", signed_in(422), asking(json={"code": "000000"})),
    Row("DELETE /v1/me/email", signed_in(204)),
    Row("GET /v1/unsubscribe/{token}", everybody(200), way_out),
    Row("POST /v1/unsubscribe/{token}", everybody(200), way_out),
    Row("POST /v1/unsubscribe/{token}", everybody(404), made_up_way_out, "made up"),
    Row("PUT /v1/me/devices/{device_id}", signed_in(204), device_to_keep),
    Row("DELETE /v1/me/devices/{device_id}", signed_in(204), own_device),
    Row("DELETE /v1/me/devices/{device_id}", signed_in(404), device_of_a_stranger, "another's"),
    Row("GET /v1/notices", signed_in(200)),
    Row("POST /v1/notices/read", signed_in(204), own_notice_to_read),
    Row("GET /v1/notices/{notice_id}", only_the_owner(200), notice_of_the_owner),
    Row("POST /v1/notices/{notice_id}/read", signed_in(204), own_notice),
    Row("GET /v1/notices/{notice_id}/deliveries", within("see_people", 200), notice_of_the_owner),
    Row("POST /v1/deliveries/{delivery_id}/opened", signed_in(204), own_delivery),
    Row("POST /v1/deliveries/{delivery_id}/opened", signed_in(404), delivery_of_a_stranger, "another's"),
    # Working time; before anybody moves in
    Row(
        "GET /v1/calendar",
        residents_or_within("see_estate", 200),
        of_calendar(**{"from": "2026-12-01", "to": "2026-12-31"}),
    ),
    Row("POST /v1/calendar/due", residents_or_within("see_estate", 200), promise),
    Row("GET /v1/calendar/hours", within("see_estate", 200), hours_of_the_node),
    Row("GET /v1/calendar/not-set", within("see_estate", 200, beyond=200)),
    Row("PUT /v1/calendar/hours", within("manage_calendar", 200, beyond=422), hours_to_set),
    Row("PUT /v1/calendar/overrides", within("manage_calendar", 200, beyond=422), days_to_set),
    Row("GET /v1/calendar/versions/{number}", within("manage_calendar", 200), the_version),
    Row(
        "POST /v1/calendar/versions/{number}/revisions",
        within("manage_calendar", 409),
        revision,
        "nothing moves",
    ),
    # Households
    Row(
        "GET /v1/ownerships/{ownership_id}/household", household(owner=200, family=200, tenant=403), OWNERSHIP
    ),
    Row("GET /v1/ownerships/{ownership_id}/household", owners(404), PAST, "sold"),
    Row(
        "DELETE /v1/ownerships/{ownership_id}/household/{member_id}",
        household(owner=204, family=403, tenant=403),
        member,
    ),
    Row(
        "GET /v1/ownerships/{ownership_id}/invitations",
        household(owner=200, family=403, tenant=403),
        OWNERSHIP,
    ),
    Row("GET /v1/ownerships/{ownership_id}/invitations", owners(404), PAST, "sold"),
    Row(
        "POST /v1/ownerships/{ownership_id}/invitations",
        household(owner=201, family=403, tenant=403),
        to_invite,
    ),
    Row("DELETE /v1/invitations/{invitation_id}", household(owner=204, family=403, tenant=403), invitation),
    Row("POST /v1/invitations/{invitation_id}/acceptance", only_invited(201), invitation),
    Row("POST /v1/invitations/{invitation_id}/refusal", only_invited(204), invitation),
    # Employees and positions
    Row("GET /v1/staff", within("manage_staff", 200, beyond=200)),
    Row("POST /v1/staff", within("manage_staff", 201, beyond=201), new_employee),
    Row("GET /v1/staff/{account_id}", within("manage_staff", 200), employee),
    Row("PATCH /v1/staff/{account_id}", within("manage_staff", 200), employee),
    Row("PUT /v1/me/photo", staff(204), asking(json={"photo": None})),
    Row("PUT /v1/staff/{account_id}/photo", within("manage_staff", 204), employee_without_face),
    Row("GET /v1/roles", staff(200)),
    Row("GET /v1/nodes", within("see_estate", 200, beyond=200)),
    Row("GET /v1/positions", within("see_estate", 200, beyond=200)),
    Row("POST /v1/positions", within("manage_positions", 201, beyond=422), appointment),
    Row("PATCH /v1/positions/{position_id}", within("manage_positions", 200), position),
    # Repairs: visits, charges, emergencies, the ledger
    Row("GET /v1/engineers/me/day", staff(200), reveals_to="repair_engineer inside"),
    Row("GET /v1/tickets/{ticket_id}/appointments", sees_ticket(200), ticket),
    Row("POST /v1/tickets/{ticket_id}/appointment-offers", takes_sides(201), to_offer_times),
    Row(
        "POST /v1/tickets/{ticket_id}/appointment-offers/{offer_id}/choice",
        answers_times(200),
        with_times(json={"place": 0}),
    ),
    Row(
        "POST /v1/tickets/{ticket_id}/appointment-offers/{offer_id}/refusal",
        answers_times(204),
        with_times(json={}),
    ),
    Row("GET /v1/tickets/{ticket_id}/quotes", sees_ticket(200), ticket),
    Row("POST /v1/tickets/{ticket_id}/quotes", works_on_ticket(201), to_quote),
    Row(
        "POST /v1/tickets/{ticket_id}/quotes/{quote_id}/answer",
        household_answers(200),
        with_quote(json={"consents": True}),
    ),
    Row(
        "POST /v1/tickets/{ticket_id}/quotes/{quote_id}/withdrawal",
        works_on_ticket(200),
        with_quote(),
    ),
    Row("GET /v1/tickets/{ticket_id}/costs", sees_ticket(200), ticket),
    Row(
        "POST /v1/tickets/{ticket_id}/costs",
        works_on_ticket(201),
        with_ticket(json={"kind": "water", "what": "试压", "amount_fen": 1, "borne_by": "company"}),
    ),
    Row("POST /v1/tickets/{ticket_id}/costs/{cost_id}/strike", works_on_ticket(200), cost_to_strike),
    Row("GET /v1/tickets/{ticket_id}/defect", employees_see_ticket(200), defect),
    Row(
        "PUT /v1/tickets/{ticket_id}/defect",
        works_on_ticket(200),
        with_ticket(json={"component": "pipes", "cause": "接头松动"}),
    ),
    Row("GET /v1/projects/{project_id}/tickets", within("see_people", 200), PROJECT),
    Row("GET /v1/projects/{project_id}/tickets/ageing", within("see_people", 200), PROJECT),
    Row("GET /v1/projects/{project_id}/emergencies", within("see_estate", 200), PROJECT),
    Row("POST /v1/tickets/{ticket_id}/emergency", takes_sides(200), with_ticket(json={"words": "漏水"})),
    Row("POST /v1/tickets/{ticket_id}/emergency/taking", goes_there(200), with_emergency()),
    Row(
        "POST /v1/tickets/{ticket_id}/emergency/safety",
        goes_there(200),
        with_emergency(json={"words": "关阀"}),
    ),
    Row(
        "POST /v1/tickets/{ticket_id}/emergency/denial",
        goes_there(200),
        with_emergency(json={"words": "可等"}),
    ),
    # Repairs: what they stand on
    Row(
        "PUT /v1/projects/{project_id}/price-list",
        within("oversee", 200),
        of_world("project_id", "project", json={"items": [], "reason": "公布"}, headers={"if-match": "*"}),
    ),
    Row("GET /v1/projects/{project_id}/construction-companies", within("see_estate", 200), PROJECT),
    Row("POST /v1/projects/{project_id}/construction-companies", within("oversee", 201), company_to_add),
    Row("GET /v1/projects/{project_id}/joint-repair-team", within("see_estate", 200), PROJECT),
    Row("POST /v1/projects/{project_id}/joint-repair-team/members", within("oversee", 201), to_join_the_team),
    Row(
        "DELETE /v1/projects/{project_id}/joint-repair-team/members/{member_id}",
        within("oversee", 204),
        team_member,
    ),
    # Rosters
    Row("GET /v1/roster", within("see_estate", 200), of_the_project(role="hotline_agent")),
    Row("GET /v1/positions/{position_id}/shifts", within("see_estate", 200), shifts),
    Row("PUT /v1/positions/{position_id}/shifts", within("oversee", 200), shifts_to_set),
    Row("GET /v1/roster/overrides", within("see_estate", 200, beyond=200)),
    Row("POST /v1/roster/overrides", within("oversee", 201, beyond=422), absence),
    Row("DELETE /v1/roster/overrides/{override_id}", within("oversee", 200), absence_to_end),
    # Canned replies
    Row("GET /v1/canned-replies", within("see_estate", 200, beyond=200)),
    Row("GET /v1/canned-replies", within("see_estate", 200), of_the_project(), "a project's"),
    Row("POST /v1/canned-replies", within("oversee", 201, beyond=422), reply_for(project=True)),
    Row("POST /v1/canned-replies", at_the_company("oversee", 201), reply_for(project=False), "company"),
    Row("PATCH /v1/canned-replies/{reply_id}", within("oversee", 200), canned_reply_to_edit),
    Row("DELETE /v1/canned-replies/{reply_id}", within("oversee", 204), canned_reply),
    # The estate
    Row("GET /v1/projects", within("see_estate", 200, beyond=200)),
    Row("GET /v1/projects/{project_id}", within("see_estate", 200), PROJECT),
    Row(
        "PATCH /v1/projects/{project_id}",
        within("edit_estate", 200),
        of_world("project_id", "project", json={"hotline": "400-100-2000"}, headers={"if-match": "*"}),
    ),
    Row("GET /v1/projects/{project_id}/homes", within("see_estate", 200), PROJECT),
    Row("GET /v1/homes/{home_id}", within("see_estate", 200), of_world("home_id", "home_id")),
    Row("GET /v1/ownerships/{ownership_id}", household_or_within("see_estate", 200, members=200), OWNERSHIP),
    Row(
        "GET /v1/ownerships/{ownership_id}",
        lambda caller: (owners(404) if caller.kind == "owner" else within("see_estate", 200))(caller),
        PAST,
        "sold",
    ),
    Row(
        "PATCH /v1/ownerships/{ownership_id}",
        within("edit_estate", 200),
        of_world(
            "ownership_id",
            "ownership_id",
            json={"remark": "看过", "reason": "更正"},
            headers={"if-match": "*"},
        ),
    ),
    Row("GET /v1/ownerships/{ownership_id}/changes", within("see_estate", 200), OWNERSHIP),
    Row("POST /v1/ownerships/{ownership_id}/resale", within("edit_estate", 201), resale),
    # Journeys
    Row("GET /v1/tasks", staff(200)),
    Row("GET /v1/tasks", within("oversee", 200, beyond=200), asking(params={"mine": "false"}), "overseen"),
    Row("GET /v1/tasks/{task_id}", within("see_estate", 200), task),
    Row("POST /v1/tasks/{task_id}/done", does_task, task_to_do),
    Row(
        "POST /v1/projects/{project_id}/date-moves",
        within("edit_estate", 422),
        of_world("project_id", "project", json={"date": "delivery_due_on", "reason": "推迟"}),
    ),
    Row("GET /v1/date-moves/{move_id}", within("edit_estate", 200), date_move),
    Row(
        "GET /v1/ownerships/{ownership_id}/journey",
        household_or_within("see_estate", 200, members=200, tenant=404),
        journey,
    ),
    Row("GET /v1/projects/{project_id}/journey-board", within("oversee", 200), PROJECT),
    Row("GET /v1/projects/{project_id}/journeys", within("oversee", 200), PROJECT),
    # Imports: each is its uploader's
    Row("GET /v1/imports/template", staff(200)),
    Row("POST /v1/imports", within("import_estate", 202, beyond=202), asking(files=CSV)),
    Row("GET /v1/imports/{import_id}", only("administrator inside", 200, "import_estate"), import_to_look_at),
    Row(
        "GET /v1/imports/{import_id}/rows",
        only("administrator inside", 200, "import_estate"),
        import_to_look_at,
    ),
    Row(
        "POST /v1/imports/{import_id}/commit", only("administrator inside", 202, "import_estate"), the_import
    ),
    # Conversations
    # Cases: taking in, lists, one of them
    Row("POST /v1/cases", brings_case, case_to_bring),
    Row("GET /v1/cases", signed_in(200)),
    Row("GET /v1/cases/queue", within("see_people", 200, beyond=200)),
    Row("GET /v1/cases/intake", within("handle_cases", 422, beyond=422)),
    Row("GET /v1/cases/{case_id}", sees_case(200), case),
    Row("GET /v1/cases/{case_id}/clocks", sees_case(200), case),
    # Cases: each verb; claims and who approves them; the report
    *(
        Row(f"POST /v1/cases/{{case_id}}/{path}", moves_case(code), case_over(code))
        for code, (path, _, _) in VERBS.items()
    ),
    Row("POST /v1/visits/{visit_id}/findings/{number}/case", staff(404), nothing_found),
    Row("GET /v1/cases/{case_id}/claims", sees_case(200), case),
    Row("GET /v1/approval-tables", within("oversee", 200, beyond=200)),
    Row("PUT /v1/approval-tables/{kind}", at_the_company("approve_standard", 422), approval_table),
    Row("GET /v1/reports/hotline", within("oversee", 200, beyond=200), asking(params=_DAYS)),
    Row("POST /v1/tickets", reports(201), to_report),
    Row("GET /v1/tickets", signed_in(200)),
    Row("GET /v1/tickets/alike", reports(200), to_compare),
    Row("GET /v1/tickets/{ticket_id}", sees_ticket(200), ticket),
    # No number service is set here: those who may call are given the hotline.
    Row("POST /v1/tickets/{ticket_id}/call", calls_the_other(409), ticket),
    Row("POST /v1/tickets/{ticket_id}/moves", sees_ticket(403, engineer=200), to_accept),
    Row("POST /v1/conversations", brings_something, something_to_bring),
    Row("GET /v1/conversations", signed_in(200)),
    Row("GET /v1/conversations/{conversation_id}", sees_conversation(200), conversation),
    Row("GET /v1/conversations/{conversation_id}/context", handles(200), conversation),
    Row("GET /v1/conversations/{conversation_id}/replies", handles(200), conversation),
    Row("GET /v1/conversations/{conversation_id}/export", sees_conversation(200), conversation),
    Row("POST /v1/conversations/{conversation_id}/rating", rates, to_rate),
    Row("POST /v1/conversations/{conversation_id}/take", handles(200), conversation),
    Row("POST /v1/conversations/{conversation_id}/transfer", handles(200), to_transfer),
    Row("POST /v1/conversations/{conversation_id}/snooze", handles(409), to_snooze),
    Row("POST /v1/conversations/{conversation_id}/close", handles(200), to_close),
    Row("POST /v1/conversations/{conversation_id}/reopen", handles(409), conversation),
    Row("POST /v1/conversations/{conversation_id}/participants", handles(200), to_ask_in),
    Row("DELETE /v1/conversations/{conversation_id}/participants/{account_id}", handles(200), asked_in),
    Row("GET /v1/queue", within("answer_hotline", 200, beyond=200)),
    Row("GET /v1/agents", within("answer_hotline", 200, beyond=200)),
    Row("PUT /v1/agents/me", within("answer_hotline", 200, beyond=200), asking(json={"state": "busy"})),
    # Threads: here of a subject that is nobody's; `test_records` has those that somebody sees
    Row("GET /v1/threads/{thread_id}", signed_in(404), unseen_thread),
    Row("GET /v1/threads/{thread_id}/entries", signed_in(404), unseen_thread),
    Row("POST /v1/threads/{thread_id}/entries", signed_in(404), line_on_unseen_thread),
    Row("POST /v1/threads/{thread_id}/entries/{seq}/withdrawal", signed_in(404), line_of_unseen_thread),
    Row("POST /v1/threads/{thread_id}/read", signed_in(404), mark_on_unseen_thread),
    Row("GET /v1/threads/{thread_id}/people", signed_in(404), unseen_thread),
    Row("GET /v1/threads", signed_in(200)),
    Row("GET /v1/threads/search", signed_in(200), asking(params={"q": "漏水"})),
    # Files: here those of a stranger; `test_files_seen` has those that somebody sees
    Row(
        "POST /v1/files",
        signed_in(201),
        asking(json={"kind": "photo", "name": "a", "media_type": "image/jpeg", "bytes": 9}),
    ),
    Row("GET /v1/files/{file_id}", signed_in(404), file_of_a_stranger),
    Row("OPTIONS /v1/uploads/{file_id}", everybody(204), file_of_a_stranger),
    Row("PATCH /v1/uploads/{file_id}", signed_in(404), bytes_for_a_stranger),
    Row("GET /v1/media/{file_id}/{size}", everybody(404), link_of_nobody),
    # Field work: an engineer sees whom to call, and only of their own live tickets
    Row("GET /v1/sync", staff(200), reveals_to="repair_engineer inside"),
    Row("POST /v1/sync", staff(200), asking(json={"device": "phone-1", "operations": [{"op": "arrive"}]})),
    # Standards
    Row("GET /v1/standards", staff(200)),
    Row("GET /v1/standards/{code}", staff(200), draft_to_look_at),
    Row("GET /v1/standards/{code}/{version}", staff(200), draft_to_look_at),
    Row("GET /v1/standards/{code}/{version}/not-set", staff(200), draft_to_look_at),
    Row("GET /v1/standards/{code}/{version}/diff", staff(200), draft_to_look_at),
    Row("POST /v1/standards/{code}/drafts", at_the_company("edit_standard", 201), standard_to_draft),
    Row("PUT /v1/standards/{code}/{version}", at_the_company("edit_standard", 200), draft),
    Row(
        "POST /v1/standards/{code}/{version}/approval",
        at_the_company("approve_standard", 200),
        draft_to_approve,
    ),
    Row("PUT /v1/company/standard", at_the_company("edit_standard", 200, below=404), companys_standard),
    Row("PUT /v1/projects/{project_id}/standard", within("edit_standard", 200), projects_standard),
    Row("GET /v1/projects/{project_id}/standard", within("see_estate", 200), project_with_a_standard),
    # Operations
    Row("GET /v1/ops/timers", at_the_company("operate", 200)),
    Row("POST /v1/ops/timers/{timer_id}/retry", at_the_company("operate", 200), parked_timer),
    Row("POST /v1/ops/timers/{timer_id}/drop", at_the_company("operate", 200), parked_timer),
    Row("POST /v1/ops/timers/release", at_the_company("operate", 200), held_firing),
    Row("GET /v1/ops/deliveries", at_the_company("operate", 200)),
    Row("POST /v1/ops/deliveries/{delivery_id}/resend", at_the_company("operate", 200), ambiguous_delivery),
    Row("POST /v1/ops/deliveries/{delivery_id}/drop", at_the_company("operate", 200), ambiguous_delivery),
    Row("GET /v1/ops/channels", at_the_company("operate", 200)),
    Row("GET /v1/ops/audit", at_the_company("operate", 200), an_audit),
    # Privacy
    Row("POST /v1/reveals", within("reveal", 201), the_owner, reveals=True),
    Row("GET /v1/me/consents", owners(200)),
    Row("PUT /v1/me/consents/{use}", owners(200), consent),
    Row("GET /v1/residents/{account_id}/consents", within("see_people", 200), resident),
)
