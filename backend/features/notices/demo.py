"""The e-mail addresses of the demo's employees: so that what calls them is seen on every way it takes."""

from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.features.notices.models import NoticeSettings
from backend.features.people.service import staff_by_number


async def give_addresses(work: Work, numbers: list[str]) -> None:
    """Give each of these employees an address, as if they had confirmed it; one that they have is left alone."""
    for number in numbers:
        employee = await staff_by_number(work, number)
        if employee is not None:
            row = {"account_id": employee.id, "email": f"{number.lower()}@tongxing.example"}
            await work.execute(insert(NoticeSettings).values(row).on_conflict_do_nothing())
