"""What people are asked to consent to, use by use: one consent says nothing of another (CT-37)."""

from typing import Final, Literal, get_args

Use = Literal["publication", "visitor_details", "club_contact", "provider_contact"]
"""Being named or pictured in a letter, newsletter or post (CC-14, CT-37); keeping a visitor's details, being written to
by the owners' club (OW-02); giving contact data to providers, who else get none (CT-37)."""

USES: Final[tuple[Use, ...]] = get_args(Use)
