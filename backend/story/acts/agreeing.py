"""Proposals until both agree, and the date by which it is done."""

from datetime import timedelta

from backend.story.acts.recording import clock_of
from backend.story.stage import Stage
from backend.story.telling import at, moment

_COMPANY = (
    "排水管接口老化属保修范围，公司负责；同意重做防水并复验",
    "The joint of the waste pipe is under warranty and ours: waterproofing is done anew, and tested",
)
_CAUSE = ("排水管接口老化，上次只补了表面", "The pipe's joint is worn; last time only the surface was mended")
_PATCH = ("再补一遍防水胶，三天后看效果", "Another coat of sealant; we look at it in three days")
_NO = ("上次就是这么补的，我不接受", "That is what you did last time. No.")
_PROPERLY = (
    "拆开吊顶更换接口，重做防水，闭水试验给您看",
    "Open the ceiling, change the joint, waterproof anew, and show you the flooding test",
)
_YES = ("可以，就这样做", "Yes. Do that.")


async def agreeing(stage: Stage) -> None:
    """A proposal needs both positions; the first is declined, the second accepted."""
    teller, town, head, owner = stage.teller, stage.town, stage.head, stage.owner
    teller.act("谈到双方同意为止", "Until both agree")
    case, pick = f"/cases/{stage.case['id']}", teller.pick
    await town.wait_until(town.now() + timedelta(hours=2))
    due = stage.day(5, 18)
    refused = await head.post(f"{case}/proposals", 409, cause=pick(*_CAUSE), proposal=pick(*_PATCH))
    await teller.say(
        "没写明双方立场，方案提不出去：", "Without both positions on record nothing can be proposed:"
    )
    await teller.quote("409", f"{refused['title']} → {', '.join(refused['present']['missing'])}")
    await head.post(f"{case}/positions", company=pick(*_COMPANY))
    await head.post(f"{case}/proposals", cause=pick(*_CAUSE), proposal=pick(*_PATCH))
    await teller.quote(head.name, pick(*_PATCH))
    await owner.post(f"{case}/proposals/refusal", words=pick(*_NO))
    await teller.quote(owner.name, pick(*_NO))
    await _stands(
        stage,
        "declined",
        "业主不接受，重新研究，答复重新计时",
        "She declines: it is studied again, and a reply is owed anew",
    )
    await town.wait_until(town.now() + timedelta(hours=1))
    await head.post(
        f"{case}/proposals", cause=pick(*_CAUSE), proposal=pick(*_PROPERLY), done_by=due.isoformat()
    )
    await teller.quote(head.name, pick(*_PROPERLY))
    await owner.post(f"{case}/proposals/acceptance", words=pick(*_YES))
    await teller.quote(owner.name, pick(*_YES))
    await _stands(stage, "agreed", "第二个方案和日子，她都接受", "The second one, and its day, she accepts")
    promised = moment(clock_of(stage.case, "C4")["due_at"])
    teller.check(
        promised == due, f"C4 约定完成：{at(due)} 之前", f"C4, completion as agreed: by {at(due)}", promised
    )


async def _stands(stage: Stage, state: str, zh: str, en: str) -> None:
    stage.case = await stage.owner.get(f"/cases/{stage.case['id']}")
    stage.teller.same(stage.case["state"], state, zh, en)
