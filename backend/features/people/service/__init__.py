"""The door of people's feature: what the others may call."""

from backend.features.people.limits import CodeLimits
from backend.features.people.repository.accounts import owner_by_phone
from backend.features.people.repository.households import Member
from backend.features.people.rules import (
    HOUSEHOLD_ROLES,
    ROLES,
    Capability,
    PhoneInvalid,
    household_sees,
    mask_name,
    mask_phone,
    read_phone,
    roles_that_may,
)
from backend.features.people.sender import Sender
from backend.features.people.service.admission import Person, admit_many, reseal_identities, value_of
from backend.features.people.service.asking import Asker, asker_of_dates
from backend.features.people.service.authentication import CHANNEL as SESSION_REVOKED
from backend.features.people.service.authentication import Authentication
from backend.features.people.service.codes import checked_phone
from backend.features.people.service.faces import Face, faces
from backend.features.people.service.households import (
    end_household,
    invitations_to_me,
    people_of,
    role_in,
)
from backend.features.people.service.positions import (
    Appointment,
    Holder,
    appoint,
    make_administrator,
    nearest_holders,
    positions_of,
    scope_of,
)
from backend.features.people.service.rights import RIGHTS_CHANGED, signal_rights
from backend.features.people.service.sessions import caller_of_session, living_sessions
from backend.features.people.service.staff import add_staff, staff_by_number

__all__ = [
    "HOUSEHOLD_ROLES",
    "RIGHTS_CHANGED",
    "ROLES",
    "SESSION_REVOKED",
    "Appointment",
    "Asker",
    "Authentication",
    "Capability",
    "CodeLimits",
    "Face",
    "Holder",
    "Member",
    "Person",
    "PhoneInvalid",
    "Sender",
    "add_staff",
    "admit_many",
    "appoint",
    "asker_of_dates",
    "caller_of_session",
    "checked_phone",
    "end_household",
    "faces",
    "household_sees",
    "invitations_to_me",
    "living_sessions",
    "make_administrator",
    "mask_name",
    "mask_phone",
    "nearest_holders",
    "owner_by_phone",
    "people_of",
    "positions_of",
    "read_phone",
    "reseal_identities",
    "role_in",
    "roles_that_may",
    "scope_of",
    "signal_rights",
    "staff_by_number",
    "value_of",
]
