"""The world of the access matrix: two regions, a home with a past, every kind of caller, and things to throw away."""

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.core.clock import local_date
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.chat.models import Conversation, Participant
from backend.features.escalation.models import Escalation, Page, PageBundle
from backend.features.estate.models import Home, Import, Ownership, Project
from backend.features.hotline.models import Case
from backend.features.journey.models import DateMove, Journey, Milestone, Task
from backend.features.notices.models import Delivery, Device, Notice
from backend.features.notices.unsubscribing import token_for
from backend.features.people.models import (
    Account,
    HouseholdMember,
    Invitation,
    Position,
    Session,
)
from backend.features.people.rules import ROLES, Capability
from backend.features.people.service.authentication import open_session
from backend.features.progress.models import OpenDayBooking, OpenDaySlot, Post
from backend.features.repairs.models import (
    AppointmentOffer,
    AppointmentTime,
    JointTeamMember,
    PriceList,
    Quote,
    Ticket,
    TicketCost,
    TicketDefect,
    TicketEmergency,
)
from backend.features.replies.models import CannedReply
from backend.features.roster.models import RosterOverride
from backend.features.standard.models import KnownStandard, StandardChoice, StandardVersion
from backend.features.standard.rules import digest, plain
from backend.features.standard.service import DEFAULT, standard_for
from backend.features.visits.models import Visit, VisitBooking
from backend.features.warranty.models import DefectBatch, DefectLine, WorksContract
from backend.platform.audit import Audit
from backend.platform.calendar import Override, publish_overrides
from backend.platform.process import Process
from backend.platform.threads import NewEntry, append, open_threads
from backend.platform.timers.models import Timer, TimerHold
from backend.platform.tree import Node, root_node
from tests.fixtures.estate import Estate, home_row, ownership_of, project_of
from tests.fixtures.files import ready_file
from tests.fixtures.people import header_for, owner_account, staff_account
from tests.fixtures.standards import small_standard

Place = Literal["inside", "outside", "above", "nowhere"]

OWNER_PHONE, OWNER_NAME, CONTRACT = "+8613711112222", "孙小红", "合同-转让"
FORMER_PHONE, OTHER_PHONE = "+8613542604684", "+8615855608283"
INVITED_PHONE = "+8613699998888"

_numbers = itertools.count(1)
_ONE_HOUR = {"kind": "elapsed_hours", "value": 1}


@dataclass(slots=True)
class Caller:
    """Somebody who calls: nobody, somebody with or without a share in the home, or an employee at a place.

    `place` is where an employee's position lies, seen from the home: the same project, another region, the company.
    """

    name: str
    kind: Literal["nobody", "owner", "staff"]
    place: Place = "nowhere"
    role: str | None = None
    account_id: UUID = field(default_factory=new_id)
    headers: dict[str, str] = field(default_factory=dict)

    def may(self, capability: Capability) -> bool:
        """Whether their position, wherever it lies, gives them this."""
        return self.role is not None and capability in ROLES[self.role].may


@dataclass(frozen=True, slots=True)
class Ringing:
    """A chain of the project that calls an employee, who is no caller: its ids."""

    chain: UUID
    bundle: UUID
    page: UUID
    since: datetime


@dataclass(slots=True)
class World:
    """What the cells are about: one home, its present and its past ownership, and who is who."""

    app: FastAPI
    process: Process
    settings: Settings
    project: Node
    building: Node
    region: Node
    home_id: UUID
    ownership_id: UUID
    past_id: UUID
    callers: dict[str, Caller]
    standard_code: str = ""
    _case_over: UUID | None = None
    rings: "Ringing | None" = None

    def client(self, number: int) -> AsyncClient:
        """Each caller calls from an address of their own: limits go by address."""
        transport = ASGITransport(self.app, client=(f"10.0.0.{number}", 1))
        return AsyncClient(transport=transport, base_url="http://tongxing.test")

    async def sign_in(self, caller: Caller) -> None:
        """A fresh session for a caller."""
        if caller.kind != "nobody":
            caller.headers = await header_for(self.process, self.settings, caller.account_id)

    async def session_of(self, account_id: UUID) -> UUID:
        """Another device of an account."""
        now = self.process.clock.now()
        async with self.process.works.begin() as work:
            account = (await work.scalars(select(Account).where(Account.id == account_id))).one()
            await open_session(work, self.settings, account, device="other", address="10.1.1.1", now=now)
            newest = select(Session.id).where(Session.account_id == account_id, Session.device == "other")
            session_id = await work.scalar(newest.order_by(Session.id.desc()).limit(1))
        assert session_id is not None
        return session_id

    async def like_the_home(self) -> UUID:
        """Another home of the same household; its ownership."""
        async with self.process.works.begin() as work:
            return await self._home(work)

    async def member(self) -> tuple[UUID, UUID]:
        """A family member of such a home: ownership and membership."""
        async with self.process.works.begin() as work:
            ownership_id = await self._home(work)
            account = await owner_account(work, None, "小李")
            member = self._joins(ownership_id, account.id, "family")
            work.add(member)
        return ownership_id, member.id

    async def invitation(self) -> UUID:
        """An open invitation to `invited` into such a home."""
        now = self.process.clock.now()
        async with self.process.works.begin() as work:
            invitation = Invitation(
                id=new_id(),
                ownership_id=await self._home(work),
                invited_by=self.callers["owner"].account_id,
                phone=INVITED_PHONE,
                role="family",
                expires_at=now + timedelta(days=1),
                created_at=now,
            )
            work.add(invitation)
        return invitation.id

    async def employee(self) -> UUID:
        """An employee of the home's project."""
        async with self.process.works.begin() as work:
            account = await staff_account(work, f"E{next(_numbers)}", "project_engineer", self.project)
        return account.id

    async def position(self) -> UUID:
        """A position at the home's project."""
        account_id = await self.employee()
        async with self.process.works.begin() as work:
            held = (await work.scalars(select(Position).where(Position.account_id == account_id))).one()
        return held.id

    async def absence(self) -> UUID:
        """An absence of such a position, until it is ended."""
        override = RosterOverride(
            id=new_id(),
            position_id=await self.position(),
            kind="absent",
            starts_at=self.process.clock.now(),
            reason="休假",
            entered_by=self.callers["administrator above"].account_id,
        )
        async with self.process.works.begin() as work:
            work.add(override)
        return override.id

    async def offered_times(self) -> tuple[UUID, UUID]:
        """Such a ticket, accepted, and a time that its engineer offers: another one each time."""
        ticket_id, now = await self.ticket(), self.process.clock.now()
        offer = AppointmentOffer(
            id=new_id(),
            ticket_id=ticket_id,
            side="engineer",
            made_by=self.callers["repair_engineer inside"].account_id,
            made_at=now,
        )
        begins = now + timedelta(hours=next(_numbers))
        times = {"starts_at": begins, "ends_at": begins + timedelta(minutes=30)}
        async with self.process.works.begin() as work:
            (await work.get_one(Ticket, ticket_id)).state = "accepted"
            work.add(offer)
            await work.flush()
            work.add(AppointmentTime(offer_id=offer.id, place=0, **times))
        return ticket_id, offer.id

    async def uncovered_ticket(self) -> UUID:
        """Such a ticket outside the warranty, in a project with a price list."""
        ticket_id, author = await self.ticket(), await self.employee()
        published = {"reason": "公布", "published_by": author, "published_at": self.process.clock.now()}
        prices = insert(PriceList).values(project_id=self.project.id, number=1, **published)
        async with self.process.works.begin() as work:
            (await work.get_one(Ticket, ticket_id)).cover = {"state": "not_covered"}
            await work.execute(prices.on_conflict_do_nothing())
        return ticket_id

    async def quote(self) -> tuple[UUID, UUID]:
        """A quote on such a ticket that waits for an answer."""
        ticket_id, author = await self.uncovered_ticket(), await self.employee()
        quote = Quote(
            id=new_id(),
            ticket_id=ticket_id,
            project_id=self.project.id,
            number=1,
            total_fen=0,
            made_by=author,
            made_at=self.process.clock.now(),
            state="offered",
        )
        async with self.process.works.begin() as work:
            work.add(quote)
        return ticket_id, quote.id

    async def cost(self) -> tuple[UUID, UUID]:
        """A cost of such a ticket."""
        ticket_id, author = await self.ticket(), await self.employee()
        cost = TicketCost(
            id=new_id(),
            ticket_id=ticket_id,
            kind="water",
            what="试压",
            amount_fen=1,
            borne_by="company",
            entered_by=author,
            entered_at=self.process.clock.now(),
        )
        async with self.process.works.begin() as work:
            work.add(cost)
        return ticket_id, cost.id

    async def defect(self) -> UUID:
        """Such a ticket, of which it is noted what broke."""
        ticket_id, author = await self.ticket(), await self.employee()
        noted = {"component": "pipes", "cause": "接头松动", "lesson": False, "noted_by": author}
        async with self.process.works.begin() as work:
            work.add(TicketDefect(ticket_id=ticket_id, noted_at=self.process.clock.now(), **noted))
        return ticket_id

    async def emergency(self) -> UUID:
        """Such a ticket that cannot wait; nobody has taken it."""
        ticket_id, owner = await self.ticket(), self.callers["owner"].account_id
        declared = {"declared_by": owner, "declared_at": self.process.clock.now()}
        async with self.process.works.begin() as work:
            work.add(TicketEmergency(ticket_id=ticket_id, state="declared", **declared))
        return ticket_id

    async def to_join_the_team(self) -> str:
        """An employee for the joint repair team, whose three months begin today."""
        async with self.process.works.begin() as work:
            (await work.get_one(Project, self.project.id)).mass_move_in_on = local_date(
                self.process.clock.now()
            )
        return str(await self.employee())

    async def team_member(self) -> UUID:
        """Somebody in the project's joint repair team."""
        member = JointTeamMember(
            id=new_id(),
            project_id=self.project.id,
            account_id=await self.employee(),
            duty="repairs",
            unit="工程部",
            added_by=self.callers["administrator above"].account_id,
            joined_at=self.process.clock.now(),
        )
        async with self.process.works.begin() as work:
            work.add(member)
        return member.id

    async def canned_reply(self) -> UUID:
        """A canned reply of the project."""
        reply = CannedReply(
            id=new_id(),
            node_id=self.project.id,
            code=f"r{next(_numbers)}",
            title="问候",
            texts={"zh-CN": "您好"},
            written_by=self.callers["administrator above"].account_id,
        )
        async with self.process.works.begin() as work:
            work.add(reply)
        return reply.id

    async def import_of(self, caller: Caller) -> UUID:
        """An import that a caller has handed in and that was read."""
        async with self.process.works.begin() as work:
            held = Import(
                id=new_id(),
                account_id=caller.account_id,
                file_name="a.csv",
                file_digest=b"",
                region="上海",
                project="朗润园",
                scope=[],
                state="read",
                sums={"rows": 1, "ok": 1, "refused": 0, "skipped": 0},
                created_at=self.process.clock.now(),
            )
            work.add(held)
        return held.id

    async def unseen_thread(self) -> UUID:
        """A thread with a line on it, of a kind of subject that nobody answers for."""
        async with self.process.works.begin() as work:
            [thread_id] = (await open_threads(work, "nobody's", [new_id()])).values()
            await append(work, NewEntry(thread_id, "text", {"text": CONTRACT}, None))
        return thread_id

    async def file(self) -> UUID:
        """A photo of an employee's that no line names."""
        account_id = await self.employee()
        async with self.process.works.begin() as work:
            file = ready_file(account_id)
            work.add(file)
        return file.id

    async def ringing(self, *, anew: bool = False) -> Ringing:
        """A chain that calls somebody; the same each time, unless it is to be one that calls nobody else."""
        if self.rings is not None and not anew:
            return self.rings
        now, account_id, subject = self.process.clock.now(), await self.employee(), new_id()
        rings = Ringing(new_id(), new_id(), new_id(), now)
        async with self.process.works.begin() as work:
            (await work.get_one(Account, account_id)).phone = f"+8613{next(_numbers):09}"
            [thread_id] = (await open_threads(work, "nobody's", [subject])).values()
            version_id = (await standard_for(work, self.project.id, local_date(now))).version_id
            chain = Escalation(
                id=rings.chain,
                clock_id=new_id(),
                clock="C2",
                subject_kind="nobody's",
                subject_id=subject,
                number="G2026-000001",
                thread_id=thread_id,
                node_id=self.project.id,
                standard_version_id=version_id,
                chain="hotline",
                channels=["sms", "telephone"],
                steps=[{"role": "project_engineer", "wait": _ONE_HOUR, "set": False}],
                starts_at=now - timedelta(hours=1),
                due_at=now + timedelta(hours=1),
                first_at=now,
                step=0,
                round=1,
                next_at=now + timedelta(hours=1),
            )
            work.add(chain)
            work.add(PageBundle(id=rings.bundle, account_id=account_id, pages=1, rung_at=now))
            await work.flush()
            page = Page(
                id=rings.page,
                escalation_id=rings.chain,
                account_id=account_id,
                step=0,
                round=1,
                role="project_engineer",
                node_id=self.project.id,
                due_at=now,
                state="ringing",
                bundle_id=rings.bundle,
                rung_at=now,
            )
            work.add(page)
        if not anew:
            self.rings = rings
        return rings

    async def post(self, state: str = "draft", kind: str = "planning_or_design_change") -> UUID:
        """A post of the project, for all of its owners, written by somebody who is no caller.

        The one slot of an open day has the id of its post.
        """
        now = self.process.clock.now()
        author, reviewer = await self.employee(), await self.employee()
        facts: dict[str, Any] = {}
        if state != "draft":
            facts |= {"reviewed_by": reviewer, "reviewed_at": now}
        if state in ("scheduled", "published"):
            facts |= {"scheduled_by": reviewer, "publish_at": now + timedelta(days=1)}
        post = Post(
            id=new_id(),
            project_id=self.project.id,
            kind=kind,
            title="规划调整",
            text="中心花园调整",
            everywhere=True,
            steps=[],
            must_confirm=kind == "planning_or_design_change",
            state="scheduled" if state == "published" else state,
            digest=b"",
            written_by=author,
            edited_by=author,
            edited_at=now,
            created_at=now,
            **facts,
        )
        async with self.process.works.begin() as work:
            work.add(post)
            await work.flush()
            if kind == "open_day":
                times = {"starts_at": now + timedelta(days=9), "ends_at": now + timedelta(days=10)}
                work.add(OpenDaySlot(id=post.id, post_id=post.id, place="东门", capacity=9, **times))
                await work.flush()
            if state == "published":
                post.state, post.published_at = "published", now
        return post.id

    async def booking(self) -> tuple[UUID, UUID]:
        """A place of the home at an open day; the day's post and the booking."""
        post_id = await self.post("published", "open_day")
        booking = OpenDayBooking(
            id=new_id(),
            post_id=post_id,
            slot_id=post_id,
            ownership_id=self.ownership_id,
            account_id=self.callers["owner"].account_id,
            persons=1,
            booked_at=self.process.clock.now(),
        )
        async with self.process.works.begin() as work:
            work.add(booking)
        return post_id, booking.id

    async def works_contract(self) -> UUID:
        """A contract with who built the project."""
        contract = WorksContract(
            id=new_id(),
            project_id=self.project.id,
            number=f"施-{next(_numbers)}",
            unit="中建八局",
            works="土建",
            staged_at=self.process.clock.now(),
            staged_by=await self.employee(),
        )
        async with self.process.works.begin() as work:
            work.add(contract)
        return contract.id

    async def defect_batch(self, *, sent: bool = False) -> tuple[UUID, UUID]:
        """A batch for who built the project, and its one defect."""
        now, author = self.process.clock.now(), await self.employee()
        deadline = local_date(now) + timedelta(days=30)
        batch_id, line_id = new_id(), new_id()
        async with self.process.works.begin() as work:
            thread_id = (await open_threads(work, "defect_batch", [batch_id]))[batch_id]
            batch = DefectBatch(
                id=batch_id,
                project_id=self.project.id,
                thread_id=thread_id,
                unit="中建八局",
                occasion="warranty_end",
                deadline=deadline,
                created_by=author,
            )
            work.add(batch)
            await work.flush()
            defect = {"component": "plaster", "description": "空鼓", "added_by": author}
            work.add(DefectLine(id=line_id, batch_id=batch_id, home_id=self.home_id, **defect))
            await work.flush()
            if sent:
                batch.state, batch.sent_at, batch.first_deadline = "sent", now, deadline
        return batch_id, line_id

    async def conversation(self, *, closed: bool = False) -> UUID:
        """What the owner brings to the hotline about such a home; it waits, or is over."""
        now = self.process.clock.now()
        async with self.process.works.begin() as work:
            id_ = new_id()
            thread_id = (await open_threads(work, "conversation", [id_]))[id_]
            over = {"closed_at": now, "close_reason": "已答复"} if closed else {}
            conversation = Conversation(
                id=id_,
                project_id=self.project.id,
                node_id=self.building.id,
                ownership_id=await self._home(work),
                account_id=self.callers["owner"].account_id,
                shared=True,
                thread_id=thread_id,
                opened_by=self.callers["owner"].account_id,
                channel="app",
                state="closed" if closed else "waiting",
                opened_at=now,
                waiting_since=now,
                **over,
            )
            work.add(conversation)
            await work.flush()
            await append(work, NewEntry(thread_id, "text", {"text": "漏水"}, conversation.account_id))
        return id_

    async def ticket(self) -> UUID:
        """What the owner has reported of such a home; the repair engineer inside has it."""
        now, owner = self.process.clock.now(), self.callers["owner"].account_id
        async with self.process.works.begin() as work:
            id_, ownership_id = new_id(), await self._home(work)
            ownership = await work.get_one(Ownership, ownership_id)
            ticket = Ticket(
                id=id_,
                project_id=self.project.id,
                node_id=self.building.id,
                home_id=ownership.home_id,
                ownership_id=ownership_id,
                thread_id=(await open_threads(work, "ticket", [id_]))[id_],
                opened_by=owner,
                reporter_id=owner,
                place="厨房",
                component="pipes",
                trade="plumbing",
                description="漏水",
                suits=[],
                cover={},
                state="reported",
                engineer_id=self.callers["repair_engineer inside"].account_id,
                because={},
                opened_at=now,
                changed_at=now,
            )
            work.add(ticket)
            await work.flush()
            await append(work, NewEntry(ticket.thread_id, "opened", {}, owner))
        return id_

    async def visit(self, *, booked: bool = False) -> UUID:
        """A visit on the delivery of such a home that nobody has yet; `booked` for a time that is over."""
        now = self.process.clock.now()
        async with self.process.works.begin() as work:
            id_ = new_id()
            visit = Visit(
                id=id_,
                kind="delivery",
                subject_kind="home",
                subject_id=id_,
                node_id=self.building.id,
                ownership_id=await self._home(work),
                thread_id=(await open_threads(work, "visit", [id_]))[id_],
                role="customer_service_specialist",
                barred=[],
                state="booked" if booked else "planned",
                planned_at=now,
            )
            work.add(visit)
            await work.flush()
            if booked:
                begins = now - timedelta(hours=2)
                booking = VisitBooking(
                    id=new_id(),
                    visit_id=id_,
                    mode="talk",
                    starts_at=begins,
                    ends_at=begins + timedelta(hours=1),
                    booked_by=self.callers["owner"].account_id,
                    booked_at=begins,
                )
                work.add(booking)
        return id_

    async def case(self, **columns: Any) -> UUID:
        """What the owner has brought about such a home; the property manager answers for it."""
        now, owner = self.process.clock.now(), self.callers["owner"].account_id
        async with self.process.works.begin() as work:
            id_, ownership_id = new_id(), await self._home(work)
            ownership = await work.get_one(Ownership, ownership_id)
            stands = {
                "category": "property",
                "gist": "电梯停运",
                "state": "dispatched",
                "responsible_role": "property_manager",
            }
            case = Case(
                id=id_,
                number=f"G2000-{next(_numbers):06}",
                project_id=self.project.id,
                node_id=self.building.id,
                home_id=ownership.home_id,
                ownership_id=ownership_id,
                thread_id=(await open_threads(work, "case", [id_]))[id_],
                opened_by=owner,
                reporter_id=owner,
                contactable=True,
                channel="online_form",
                kind="complaint",
                received_at=now,
                opened_at=now,
                changed_at=now,
                **stands | columns,
            )
            work.add(case)
            await work.flush()
            await append(work, NewEntry(case.thread_id, "opened", {}, owner))
        return id_

    async def case_over(self) -> UUID:
        """Such a case that went on as a repair: every move on it comes too late. One for all who try."""
        if self._case_over is None:
            ticket, now = await self.ticket(), self.process.clock.now()
            self._case_over = await self.case(state="passed_on", ticket_id=ticket, ended_at=now)
        return self._case_over

    async def helper(self) -> tuple[UUID, UUID]:
        """Such a conversation, and an employee who was asked in."""
        conversation_id, account_id = await self.conversation(), await self.employee()
        helps = {"account_id": account_id, "part": "helper", "since": self.process.clock.now()}
        async with self.process.works.begin() as work:
            work.add(Participant(id=new_id(), conversation_id=conversation_id, **helps))
        return conversation_id, account_id

    async def task(self) -> UUID:
        """An open task of the customer relations specialist about such a home: the first contact in a week."""
        now = self.process.clock.now()
        day = local_date(now) + timedelta(days=7)
        shipped = select(StandardVersion.id).where(StandardVersion.code == DEFAULT)
        async with self.process.works.begin() as work:
            journey = Journey(
                id=new_id(),
                ownership_id=await self._home(work),
                project_id=self.project.id,
                node_id=self.building.id,
                standard_version_id=(await work.scalars(shipped)).one(),
                thread_id=new_id(),
                step="STEP-2",
                dates={},
                begun_at=now,
            )
            journey.thread_id = (await open_threads(work, "journey", [journey.id]))[journey.id]
            due = {"opens_at": now, "due_at": now + timedelta(days=7), "due_on": day, "first_due_on": day}
            milestone = Milestone(
                id=new_id(),
                journey_id=journey.id,
                project_id=self.project.id,
                obligation="specialist-first-contact",
                step="STEP-2",
                rank=1,
                owner_sees=True,
                state="due",
                promised_at=now,
                **due,
            )
            task = Task(
                id=new_id(),
                milestone_id=milestone.id,
                project_id=self.project.id,
                node_id=self.building.id,
                role="customer_relations_specialist",
                opened_at=now,
                due_at=due["due_at"],
            )
            for row in (journey, milestone, task):
                work.add(row)
                await work.flush()
        return task.id

    async def journey(self) -> UUID:
        """The ownership of such a home, with the journey of such a task."""
        of_task = (
            select(Journey.ownership_id)
            .join(Milestone, Milestone.journey_id == Journey.id)
            .join(Task, Task.milestone_id == Milestone.id)
            .where(Task.id == await self.task())
        )
        async with self.process.works.begin() as work:
            ownership_id = (await work.scalars(of_task)).one()
        assert ownership_id is not None
        return ownership_id

    async def date_move(self) -> UUID:
        """Delivery put off in the project of the home, and over."""
        now = self.process.clock.now()
        move = DateMove(
            id=new_id(),
            project_id=self.project.id,
            date_name="delivery_due_on",
            shift_days=1,
            reason="竣工推迟",
            actor_id=self.callers["administrator above"].account_id,
            state="done",
            total=0,
            finished_at=now,
        )
        async with self.process.works.begin() as work:
            work.add(move)
        return move.id

    async def calendar_version(self) -> int:
        """A version of the project's calendar, published for this."""
        reason = f"测试 {next(_numbers)}"
        day = date(2027, 1, 1) + timedelta(days=next(_numbers))
        async with self.process.works.begin() as work:
            made = await publish_overrides(
                work,
                self.process.clocks,
                self.project.id,
                {day: Override((), reason)},
                reason=reason,
                actor=new_id(),
            )
        return made.number

    async def draft(self) -> str:
        """A standard with a draft that no caller has written; its code."""
        code = f"draft-{next(_numbers)}"
        async with self.process.works.begin() as work:
            author = await staff_account(work, f"E{next(_numbers)}")
            await self._version(work, code, state="draft", proposed_by=author.id)
        return code

    async def standard(self) -> str:
        """A standard in effect; its code."""
        code = f"standard-{next(_numbers)}"
        now = self.process.clock.now()
        async with self.process.works.begin() as work:
            await self._version(
                work,
                code,
                state="approved",
                approved_at=now,
                effective_from=date(1990, 1, 1),
                reason="随产品",
            )
        return code

    async def chosen(self) -> None:
        """The home's project has chosen a standard in effect."""
        code = await self.standard()
        now = self.process.clock.now()
        async with self.process.works.begin() as work:
            who = (await staff_account(work, f"E{next(_numbers)}")).id
            choice = {"node_id": self.project.id, "code": code, "since": local_date(now), "at": now}
            work.add(StandardChoice(chosen_by=who, **choice))

    async def _version(self, work: Work, code: str, **facts: Any) -> None:
        standard = small_standard(code=code)
        work.add(KnownStandard(code=code))
        await work.flush()
        row = {"version": "A/0", "document": plain(standard), "digest": digest(standard)}
        work.add(StandardVersion(code=code, proposed_at=self.process.clock.now(), **row, **facts))
        await work.flush()

    async def device(self, account_id: UUID) -> UUID:
        """A phone that somebody has."""
        device = Device(
            id=new_id(),
            account_id=account_id,
            platform="ios",
            token=f"t-{next(_numbers)}",
            app_version="1",
            locale="en",
            seen_at=self.process.clock.now(),
        )
        async with self.process.works.begin() as work:
            work.add(device)
        return device.id

    def way_out(self, account_id: UUID) -> str:
        """What stands in the link at which somebody switches letters home off."""
        return token_for(self.process.sealer, account_id, "letter_home")

    async def notice(self, account_id: UUID) -> UUID:
        """Something that somebody was told."""
        notice = Notice(
            id=new_id(),
            account_id=account_id,
            kind="invitation",
            key=f"k-{next(_numbers)}",
            subject_kind="ownership",
            subject_id=new_id(),
        )
        async with self.process.works.begin() as work:
            work.add(notice)
        return notice.id

    async def delivery(self, account_id: UUID, *, ambiguous: bool = False) -> UUID:
        """An SMS of such a notice, taken; or nobody knows whether it was."""
        now = self.process.clock.now()
        delivery = Delivery(
            id=new_id(),
            notice_id=await self.notice(account_id),
            account_id=account_id,
            kind="invitation",
            channel="sms",
            address=OWNER_PHONE,
            lane="normal",
            locale="zh-CN",
            state="ambiguous" if ambiguous else "accepted",
            reason="ReadTimeout" if ambiguous else None,
            accepted_at=None if ambiguous else now,
            not_before=now,
            expires_at=now + timedelta(days=1),
        )
        async with self.process.works.begin() as work:
            work.add(delivery)
        return delivery.id

    async def parked_timer(self) -> UUID:
        """A timer that failed too often."""
        now = self.process.clock.now()
        timer = Timer(
            id=new_id(),
            kind="t",
            key=f"{next(_numbers)}",
            due_at=now,
            next_try_at=now,
            payload={},
            state="parked",
        )
        async with self.process.works.begin() as work:
            work.add(timer)
        return timer.id

    async def hold_firing(self) -> None:
        """Firing is held, if it is not already."""
        async with self.process.works.begin() as work:
            await work.execute(insert(TimerHold).values(ahead=3600).on_conflict_do_nothing())

    async def audit(self) -> None:
        """The audit has looked."""
        await Audit(self.process.works, [], "").look()

    async def _home(self, work: Work) -> UUID:
        room = f"T{next(_numbers):05}"
        home = Home(
            id=new_id(),
            project_id=self.project.id,
            building_id=self.building.id,
            building="1号楼",
            building_key="1",
            room=room,
            room_key=room,
            sort_key=room,
        )
        ownership = Ownership(
            id=new_id(), home_id=home.id, project_id=self.project.id, current_from=date(2024, 1, 1)
        )
        work.add(home)
        await work.flush()
        work.add(ownership)
        await work.flush()
        for role in ("owner", "family", "tenant"):
            work.add(self._joins(ownership.id, self.callers[role].account_id, role))
        await work.flush()
        return ownership.id

    def _joins(self, ownership_id: UUID, account_id: UUID, role: str) -> HouseholdMember:
        now = self.process.clock.now()
        return HouseholdMember(
            id=new_id(), ownership_id=ownership_id, account_id=account_id, role=role, since=now
        )


async def build_world(app: FastAPI, settings: Settings, estate: Estate) -> World:
    """Two regions; in the first a home that was sold on; every caller signed in."""
    process: Process = app.state.process
    assert (await estate()).written
    assert (await estate([home_row("0909", "何静", "13500001111")], project="平江里", region="苏州")).written
    past_id = await ownership_of(process, "合同-0101")
    async with process.works.begin() as work:
        nodes = {node.name: node for node in await work.scalars(select(Node))}
        past = await work.get_one(Ownership, past_id)
        building = await work.get_one(Node, (await work.get_one(Home, past.home_id)).building_id)
    world = World(
        app=app,
        process=process,
        settings=settings,
        project=nodes["朗润园"],
        building=building,
        region=nodes["上海"],
        home_id=past.home_id,
        ownership_id=past_id,
        past_id=past_id,
        callers={"nobody": Caller("nobody", "nobody")},
    )
    assert await project_of(process) == world.project.id
    await _hire(world, nodes["苏州"])
    await _sell_on(world)
    await _settle(world)
    world.standard_code = await world.draft()
    return world


async def _hire(world: World, elsewhere: Node) -> None:
    """Every role inside and outside, an administrator above, one without a position and one whose position is over."""
    process = world.process
    async with process.works.begin() as work:
        company = await root_node(work)
        hired: list[tuple[str, str | None, Place, Node | None]] = [
            ("administrator above", "administrator", "above", company),
            ("employee without a position", None, "nowhere", None),
        ]
        for one in ROLES:
            hired += [
                (f"{one} inside", one, "inside", world.project),
                (f"{one} outside", one, "outside", elsewhere),
            ]
        for number, (name, role, place, node) in enumerate(hired):
            account = await staff_account(work, f"T{number:04}", role, node)
            world.callers[name] = Caller(name, "staff", place, role, account.id)
        left = await staff_account(work, "T9999", "administrator", world.project)
        ended = (await work.scalars(select(Position).where(Position.account_id == left.id))).one()
        ended.until = local_date(process.clock.now())
        name = "administrator whose position is over"
        world.callers[name] = Caller(name, "staff", account_id=left.id)
    for caller in world.callers.values():
        await world.sign_in(caller)


async def _sell_on(world: World) -> None:
    asked = {"buyer": [{"name": OWNER_NAME, "phone": OWNER_PHONE}], "contract_no": CONTRACT}
    async with world.client(250) as client:
        sold = await client.post(
            f"/v1/ownerships/{world.past_id}/resale",
            json=asked,
            headers=world.callers["administrator above"].headers,
        )
    assert sold.status_code == 201, sold.text
    world.ownership_id = UUID(sold.json()["id"])


async def _settle(world: World) -> None:
    """The household of the home, its owner before the sale, a neighbour, and somebody invited."""
    async with world.process.works.begin() as work:

        async def account_of(phone: str) -> UUID:
            wanted = select(Account.id).where(Account.phone == phone)
            return (await work.scalars(wanted)).one()

        ids = {
            "owner": await account_of(OWNER_PHONE),
            "former owner": await account_of(FORMER_PHONE),
            "other owner": await account_of(OTHER_PHONE),
            "family": (await owner_account(work, "+8613611110001", "孙思远")).id,
            "tenant": (await owner_account(work, "+8613611110002", "何雨欣")).id,
            "invited": (await owner_account(work, INVITED_PHONE)).id,
        }
        for role in ("family", "tenant"):
            work.add(world._joins(world.ownership_id, ids[role], role))
        await work.flush()
    for name, account_id in ids.items():
        world.callers[name] = Caller(name, "owner", account_id=account_id)
        await world.sign_in(world.callers[name])
