"""The door of the estate's feature: what the others may call."""

from backend.features.estate.service.dates import (
    DatedOwnership,
    Moved,
    Skipped,
    count_dated,
    current_ownerships,
    dates_of_ownerships,
    move_date,
    project_dates,
)
from backend.features.estate.service.homes import find_homes, home_in_full, homes_of, lives_below
from backend.features.estate.service.import_file import ImportReport, RowReport, import_file
from backend.features.estate.service.imports import (
    COMMIT_IMPORT,
    READ_IMPORT,
    ask_to_commit,
    commit_import,
    find_import,
    read_import,
    receive,
    report_of,
)
from backend.features.estate.service.invitations import invitations_of
from backend.features.estate.service.ownerships import (
    Buyer,
    changes_of,
    edit_ownership,
    find_ownership,
    ownership_to_edit,
    sell_on,
)
from backend.features.estate.service.projects import (
    edit_project,
    find_project,
    list_projects,
    project_scope,
    project_to_edit,
)
from backend.features.estate.service.telling import (
    OWNERSHIPS_CHANGED,
    PROJECT_DATES_CHANGED,
    tell_ownerships_changed,
)

__all__ = [
    "COMMIT_IMPORT",
    "OWNERSHIPS_CHANGED",
    "PROJECT_DATES_CHANGED",
    "READ_IMPORT",
    "Buyer",
    "DatedOwnership",
    "ImportReport",
    "Moved",
    "RowReport",
    "Skipped",
    "ask_to_commit",
    "changes_of",
    "commit_import",
    "count_dated",
    "current_ownerships",
    "dates_of_ownerships",
    "edit_ownership",
    "edit_project",
    "find_homes",
    "find_import",
    "find_ownership",
    "find_project",
    "home_in_full",
    "homes_of",
    "import_file",
    "invitations_of",
    "list_projects",
    "lives_below",
    "move_date",
    "ownership_to_edit",
    "project_dates",
    "project_scope",
    "project_to_edit",
    "read_import",
    "receive",
    "report_of",
    "sell_on",
    "tell_ownerships_changed",
]
