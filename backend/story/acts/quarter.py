"""The quarter's figures: what was broken stays broken."""

from datetime import timedelta

from backend.story.stage import Stage
from backend.story.telling import ZONE


async def quarter(stage: Stage) -> None:
    """The report of the quarter in which it came in."""
    teller, head = stage.teller, stage.head
    teller.act("季度报表不说谎", "The quarter's figures")
    first = stage.begins.replace(month=7, day=1).astimezone(ZONE).date()
    last = stage.begins.astimezone(ZONE).date()
    asked = {"from": first.isoformat(), "to": last.isoformat(), "node": stage.home["project"]["id"]}
    await stage.town.wait_until(stage.town.now() + timedelta(minutes=1))
    report = await head.ask("GET", "/reports/hotline", params=asked)
    teller.check(report, "报表里有这一次没有兑现的承诺", "The broken promise is in the report", report)
