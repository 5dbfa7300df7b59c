"""The head of customer relations answers by one tap, and calls the owner."""

from datetime import timedelta

from backend.story.acts.recording import clock_of
from backend.story.stage import Stage
from backend.story.town import Json


async def answering(stage: Stage) -> None:
    """Acknowledged is not met: the calling stops for a while, and only a call to the owner ends it."""
    teller, town, head = stage.teller, stage.town, stage.head
    teller.act("一下点按，一通电话", "One tap, one call")
    tap = f"/v1/taps/{stage.taps[head.number]}"
    await town.wait_until(town.now() + timedelta(minutes=4))
    await teller.say(f"{head.name}打开短信里的链接：", f"{head.name} opens the link in the SMS:")
    looked = await town.http.get(tap)
    teller.same(
        looked.status_code,
        200,
        "不用登录",
        "It needs no signing in",
    )
    teller.check(
        stage.owner.name not in looked.text,
        "页面上没有个人信息",
        "Nothing personal stands there",
        looked.text,
    )
    teller.same(
        (await head.get("/pages"))["items"][0]["state"],
        "ringing",
        "只是打开看看，什么也没变",
        "Only to look at it changes nothing",
    )
    tapped = await town.http.post(tap)
    teller.same(tapped.status_code, 200, f"{head.name}按下“我来处理”", f"{head.name} taps")
    teller.same((await town.http.post(tap)).status_code, 410, "链接只能用一次", "A link works once")
    page = (await head.get("/pages", all="true"))["items"][0]
    teller.same(page["state"], "acknowledged", f"{head.name}收到的呼叫", f"{head.name}'s page")
    case = await stage.owner.get(f"/cases/{stage.case['id']}")
    teller.same(
        clock_of(case, "C2")["state"],
        "breached",
        "确认收到不等于联系了业主：时限仍欠着",
        "Acknowledged is not met: the clock is still owed",
    )
    await _called(stage)


async def _called(stage: Stage) -> None:
    teller, town, head = stage.teller, stage.town, stage.head
    teller.check(
        await _chains(stage),
        "不联系业主，过一会儿还会再响",
        "While nobody calls the owner, it will ring again",
    )
    await town.wait_until(town.now() + timedelta(minutes=10))
    words = teller.pick("向业主道歉，约当天下午给处理方案", "Apologised; a proposal this afternoon")
    await head.post(f"/cases/{stage.case['id']}/contacts", reached=True, words=words)
    await teller.say(
        f"{head.name}亲自打电话给{stage.owner.name}，记录了说了什么。",
        f"{head.name} calls {stage.owner.name} in person, and records what was said.",
    )
    stage.case = await stage.owner.get(f"/cases/{stage.case['id']}")
    teller.same(
        clock_of(stage.case, "C2")["state"],
        "met_late",
        "C2 首次联系：做到了，但晚了",
        "C2, first contact: done, and late",
    )
    teller.check(not await _chains(stage), "升级链到此结束", "The chain has ended", stage.case)


async def _chains(stage: Stage) -> list[Json]:
    """The living chains of the first contact, as the board shows them to whoever oversees the project."""
    board = (await stage.manager.get("/ops/escalations"))["items"]
    return [one for one in board if one["number"] == stage.case["number"] and one["clock"] == "C2"]
