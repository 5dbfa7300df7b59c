"""The present moment of a unit of work."""

from datetime import datetime

from sqlalchemy import text

from backend.db.work import Work


async def present(work: Work) -> datetime:
    """The moment its transaction began, by the database's clock and the system's shift."""
    moment: datetime = (await work.execute(text("SELECT app_now()"))).scalar_one()
    return moment
