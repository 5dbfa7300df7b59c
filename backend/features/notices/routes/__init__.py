"""The inbox, what one chooses about it, the devices, the log of what was sent; and the development mailbox."""

from backend.features.notices.routes.addresses import addresses_of_mine, unsubscribing
from backend.features.notices.routes.choosing import choices
from backend.features.notices.routes.inbox import notices
from backend.features.notices.routes.mailbox import mailbox

__all__ = ["addresses_of_mine", "choices", "mailbox", "notices", "unsubscribing"]
