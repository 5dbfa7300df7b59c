"""The head of customer relations answers by one tap, and calls the owner."""

from datetime import timedelta

from backend.story.acts.recording import clock_of
from backend.story.stage import Stage
from backend.story.telling import Wrong


async def answering(stage: Stage) -> None:
    """Acknowledged is not met: the calling stops for a while, and only a call to the owner ends it."""
    teller, town, head = stage.teller, stage.town, stage.head
    teller.act("一下点按，一通电话", "One tap, one call")
    tap = f"/v1/taps/{stage.taps[head.number]}"
    await town.wait_until(town.now() + timedelta(minutes=4))
    looked = await town.http.get(tap)
    teller.same(
        looked.status_code,
        200,
        "短信里的链接不用登录就能打开",
        "The link in the SMS opens without signing in",
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
    teller.same((page["state"], page["via"]), ("acknowledged", "link"), "已确认", "Acknowledged")
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
    board = (await stage.manager.get("/ops/escalations"))["items"]
    living = [one for one in board if one["number"] == stage.case["number"] and one["clock"] == "C2"]
    teller.check(not living, "升级链到此结束", "The chain has ended", living)
    if stage.case["number"] not in str(stage.case):
        raise Wrong("a case with its number", stage.case)
