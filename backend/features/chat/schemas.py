"""What chat's addresses take and give."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from backend.core.locale import Locale
from backend.core.wire import Answer, Asked, Instant, Line, Moment, Prose, printable
from backend.features.chat.rules import CHANNELS

State = Literal["waiting", "assigned", "snoozed", "closed"]
AgentState = Literal["available", "busy", "away", "off"]
Skill = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=40)]
Channel = Literal[
    "app",
    "hotline",
    "walk_in",
    "phone",
    "email",
    "online_form",
    "forum",
    "network_post",
    "return_visit",
    "survey",
    "face_to_face",
    "owners_meeting",
    "ambassador_visit",
    "front_desk",
]
Spoken = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(printable)
]
"""What is said on a thread, as `records` takes it."""

assert set(CHANNELS) == set(Channel.__args__)  # type: ignore[attr-defined]  # a Literal's


class NewConversation(Asked):
    """What somebody brings to the hotline.

    An owner names a home of theirs, or a project they live in, or neither when there is only one. An employee names
    the caller: an account, a household, or a note of who it was; and the project.
    """

    text: Spoken = Field(examples=["厨房水槽下面在漏水"])
    id: UUID | None = Field(default=None, description="Made by the phone: asking again opens nothing anew.")
    ownership_id: UUID | None = None
    project_id: UUID | None = None
    skill: Skill | None = Field(default=None, description="What whoever takes it should know.")
    continues: UUID | None = Field(default=None, description="A conversation that this one goes on with.")
    account_id: UUID | None = Field(default=None, description="By employees: whose it is.")
    caller_note: Line | None = Field(default=None, description="By employees: a caller we do not know.")
    channel: Channel | None = Field(default=None, description="By employees: how it came (HC-48).")


class Project(Answer):
    """A project by name."""

    id: UUID
    name: str


class Home(Answer):
    """The home it is about."""

    ownership_id: UUID
    building: str
    unit: str
    room: str


class Agent(Answer):
    """Who holds it."""

    account_id: UUID
    name: str | None


class Duty(Answer):
    """Nobody is on duty: who was told instead."""

    role: str = Field(examples=["complaint_specialist"])
    role_name: str = Field(examples=["投诉处理专员"])
    name: str | None


class Rating(Answer):
    """What was thought of it."""

    stars: int
    text: str | None


class Participant(Answer):
    """Who takes part now."""

    account_id: UUID
    part: Literal["owner", "agent", "helper"]
    name: str | None = Field(description="An owner's is masked for employees (S3-23).")
    since: Moment


class ForStaff(Answer):
    """What only employees are shown."""

    caller_id: UUID | None
    caller_name: str | None = Field(description="Masked (S3-23)", examples=["孙**"])
    caller_phone: str | None = Field(description="Masked", examples=["+86 138****0001"])
    caller_note: str | None
    step: str | None = Field(description="The customer's step when it was opened (CT-04)")
    role: str = Field(description="Whose queue it waits in")
    skill: str | None
    snoozed_until: Moment | None
    close_reason: str | None
    shared: bool = Field(description="The household reads it too")


class Conversation(Answer):
    """A conversation, as the caller sees it."""

    id: UUID
    thread_id: UUID = Field(description="Where its lines are read and written")
    project: Project
    home: Home | None
    state: State = Field(description="For owners `snoozed` is `assigned`: it is in hand")
    channel: Channel
    opened_at: Moment
    waiting_since: Moment | None = Field(description="With `waiting`: since when")
    place: int | None = Field(description="With `waiting`: the place in line, 1 is next")
    promised_at: Moment | None = Field(
        description="By when it is first answered; null: the standard sets no limit, and none is invented"
    )
    first_answered_at: Moment | None
    agent: Agent | None
    duty: Duty | None = Field(description="Nobody is on duty: who was told instead (CT-39)")
    closed_at: Moment | None
    rating: Rating | None
    continues: UUID | None
    version: int
    people: list[Participant] = Field(description="Who takes part now; left out of lists")
    staff: ForStaff | None = Field(description="null for owners")


class Writer(Answer):
    """Somebody who is writing."""

    kind: Literal["owner", "staff"]
    account_id: UUID | None = Field(description="With `staff`")
    name: str | None = Field(description="With `staff`")


class Queued(Answer):
    """A conversation that waits."""

    id: UUID
    thread_id: UUID
    project: Project
    home: str | None = Field(description="Its address in one line")
    role: str
    skill: str | None
    channel: Channel
    caller: str | None = Field(description="Masked name, or the note of a caller we do not know")
    waiting_since: Moment
    waited_seconds: int
    place: int
    promised_at: Moment | None
    late: bool = Field(description="The promised time has passed")
    told_role: str | None = Field(description="Nobody is on duty; the role that was told")
    last_kind: str | None = Field(description="What was said last", examples=["text"])
    preview: str | None = Field(description="Its first words")
    typing: list[Writer] = Field(description="Who is writing in it")


class Place(Answer):
    """Where one stands in line."""

    id: UUID
    state: State
    place: int | None
    promised_at: Moment | None
    agent: str | None


class Transfer(Asked):
    """To a person, or to the queue of a role; not both."""

    to_account: UUID | None = None
    to_role: Annotated[str, StringConstraints(max_length=60)] | None = Field(
        default=None, examples=["complaint_specialist"]
    )
    skill: Skill | None = None
    note: Spoken | None = Field(default=None, description="For employees only")


class Snooze(Asked):
    """Until when; its owner's next line wakes it before."""

    until: Instant


class Close(Asked):
    """Why it is over; for employees."""

    reason: Line = Field(examples=["已答复，业主认可"])


class NewParticipant(Asked):
    """An employee to be asked in."""

    account_id: UUID


class Rate(Asked):
    """One to five stars, once."""

    stars: Annotated[int, Field(ge=1, le=5, strict=True)]
    text: Prose | None = None


class AgentSays(Asked):
    """How I am: `limit` and `skills` stay as they are when they are left out; a `limit` of null: none."""

    state: AgentState
    limit: Annotated[int, Field(ge=1, le=500, strict=True)] | None = None
    skills: Annotated[list[Skill], Field(max_length=20)] = Field(default=[])


class AgentStands(Answer):
    """An agent at the desk."""

    account_id: UUID
    name: str | None
    state: AgentState
    here: bool = Field(description="A socket of theirs was there within the last minute")
    limit: int | None = Field(description="How many at a time; null: not set")
    load: int = Field(description="How many they hold")
    skills: list[str]
    shift_until: Moment | None


class Reply(Answer):
    """A canned reply, filled in; `text` is null while values are `missing`."""

    id: UUID
    code: str
    title: str
    locale: Locale
    text: str | None
    missing: list[str]


class Replies(Answer):
    """All of the project's and the company's."""

    items: list[Reply]


class ContextHome(Answer):
    """A home of the caller's."""

    home_id: UUID
    ownership_id: UUID
    project: Project
    building: str
    unit: str
    room: str
    layout: str | None
    role: str | None = Field(description="The caller's in its household; null: not of it")


class ContextTicket(Answer):
    """A repair of one of these homes. `due_at`: what is owed next."""

    id: UUID
    thread_id: UUID
    ownership_id: UUID
    place: str
    component: str
    description: str
    urgent: bool
    state: str
    state_words: str
    engineer: str | None
    opened_at: Moment
    ended_at: Moment | None
    due_at: Moment | None


class ContextTask(Answer):
    """Something open in the caller's journeys."""

    id: UUID
    ownership_id: UUID | None
    obligation: str
    name: str
    step: str
    role: str
    due_at: Moment


class Context(Answer):
    """All that whoever answers wants to see beside it."""

    conversation: Conversation
    homes: list[ContextHome]
    journey: dict[str, Any] | None = Field(
        description="Of the home it is about: `step`, `next` promises, `contact`, `standard`, as the owner reads them"
    )
    related: list[Conversation] = Field(description="Others of the same caller or home, the newest first")
    tickets: list[ContextTicket] = Field(description="Repairs of these homes, first those that are not over")
    tasks: list[ContextTask]
