"""What the standard's addresses take and give."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from backend.core.wire import Answer, Asked, Moment, Prose
from backend.features.standard.document import Due, Label, RuleId, Standard
from backend.features.standard.document import Version as VersionNumber
from backend.platform.tree import NodeKind

CODE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Path = Annotated[str, Field(examples=["obligations[specialist-first-contact].due.value"])]


class KnownStandard(Answer):
    """A standard as it stands today."""

    code: str = Field(examples=["six-plus-two"])
    name: Label
    effective_version: VersionNumber | None = Field(description="The version in effect today")
    draft_version: VersionNumber | None = Field(description="The version that is proposed, when one is")


class Version(Answer):
    """A version of a standard, without its text."""

    code: str = Field(examples=["six-plus-two"])
    version: VersionNumber
    state: Literal["draft", "approved", "effective", "superseded"] = Field(
        description="As of today; an approved one has still to take effect"
    )
    in_order: bool = Field(description="Whether what is done by it today is done by a valid text (RC-27)")
    in_order_until: date | None = Field(
        description="The last day on which it may be used; null while nothing newer is approved"
    )
    effective_from: date | None
    reason: str | None = Field(examples=["按2027年回访计划修订"], description="Why it was approved")
    proposed_by: UUID | None = Field(description="Who wrote its text last; null: it came with the product")
    proposed_at: Moment
    approved_by: UUID | None
    approved_at: Moment | None
    digest: str = Field(description="SHA-256 of the document: equal documents have equal ones")


class VersionWithText(Version):
    """A version of a standard with its text."""

    document: Standard


class Versions(Answer):
    """Every version of a standard, the first one first."""

    items: list[Version]


class Gap(Answer):
    """A value that the standard names and does not give."""

    path: Path
    name: Label
    gap: RuleId | None = Field(examples=["GP-25"])
    why: Label
    suggestion: Due | None = Field(description="What might be chosen. It is shown only, and never used.")


class Gaps(Answer):
    """Everything that is not set, in the document's order."""

    items: list[Gap]


class Difference(Answer):
    """One place at which two versions differ."""

    path: Path
    kind: Literal["added", "removed", "changed"]
    before: Any = Field(description="What stood there; null when it was added")
    after: Any = Field(description="What stands there; null when it was removed")


class Differences(Answer):
    """What turns one version into the other."""

    items: list[Difference]


class Approval(Asked):
    """From when a draft is to hold, and why."""

    effective_from: date = Field(examples=["2027-01-01"])
    reason: Annotated[Prose, StringConstraints(min_length=2), Field(examples=["按回访计划修订"])]


class ChooseStandard(Asked):
    """The standard to go by."""

    code: Annotated[
        str, StringConstraints(pattern=CODE_PATTERN, max_length=60), Field(examples=["six-plus-two"])
    ]


class ProjectStandard(Answer):
    """The standard something goes by today."""

    code: str = Field(examples=["six-plus-two"])
    version: VersionNumber
    since: date | None = Field(description="Since when it was chosen; null: nobody has chosen")
    chosen_at: NodeKind | None = Field(description="Where it was chosen; null: it is the product's own")
