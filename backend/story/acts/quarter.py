"""The quarter's figures: what was broken stays broken, however well it ended."""

from backend.story.stage import Stage
from backend.story.town import Json


async def quarter(stage: Stage) -> None:
    """The report of the quarter in which the case came in, as the head of customer relations reads it."""
    teller, head = stage.teller, stage.head
    teller.act("季度报表", "The quarter's figures")
    asked = {
        "from": f"{stage.begins.replace(month=7, day=1):%Y-%m-%d}",
        "to": f"{stage.begins:%Y-%m-%d}",
        "node": stage.home["project"]["id"],
    }
    report = await head.get("/reports/hotline", **asked)
    complaints, clocks = report["complaints"], {one["code"]: one for one in report["clocks"]}
    first_contact = clocks["C2"]
    await teller.say("第三季度，投诉：", "Complaints of the third quarter:")
    for words, rate in (
        (teller.pick("处理完成率", "handled"), complaints["handled"]),
        (teller.pick("其中业主接受", "accepted by the owner"), complaints["accepted_only"]),
        (teller.pick("按时答复率", "replied in time"), complaints["replied_in_time"]),
        (first_contact["name"], first_contact["kept"]),
    ):
        await teller.quote(words, f"{rate['count']} / {rate['of']} = {rate['percent']}%")
    teller.check(
        complaints["accepted"] >= 1 and complaints["late"] >= 1,
        "业主接受了，也仍然算一次超时",
        "The owner has accepted it, and it counts as late all the same",
        complaints,
    )
    teller.check(
        first_contact["missed"] >= 1 and first_contact["kept"]["percent"] < 100,
        "没有兑现的首次联系在报表里",
        "The first contact that was not kept stands in the report",
        first_contact,
    )
    reached = {one["role"]: one["cases"] for one in report["steps"]}
    teller.check(
        reached.get("head_of_customer_relations"),
        "也写着一直叫到了客户关系负责人",
        "And that it went up to the head of customer relations",
        report["steps"],
    )
    await _as_a_workbook(stage, asked)


async def _as_a_workbook(stage: Stage, asked: Json) -> None:
    headers = {"authorization": f"Bearer {stage.head.token}"}
    sheet = await stage.town.http.get(
        "/v1/reports/hotline", params=asked | {"format": "xlsx"}, headers=headers
    )
    stage.teller.check(
        sheet.content.startswith(b"PK"), "同一份报表，也能下载成 Excel", "The same as a workbook", sheet
    )
