"""A case is opened out of the talk: it has its number, its person and its clocks at once."""

from datetime import timedelta

from backend.story.stage import Stage
from backend.story.telling import at, moment
from backend.story.town import Json

_GIST = (
    "主卧卫生间顶板渗漏，第二次。上次维修后一个月复发，要求工程部门说明原因并彻底修好。",
    "The master bathroom's ceiling leaks, for the second time. Wants the works to explain and to repair it for good.",
)
_WANTS = ("彻底修好，并说明上次为什么没修好", "A repair for good, and why the last one did not hold")
_BY_NIGHT = timedelta(hours=24)


async def recording(stage: Stage) -> None:
    """The agent records and dispatches; the owner sees what is promised, and by when."""
    teller, agent, owner = stage.teller, stage.agent, stage.owner
    teller.act("一件投诉，五个时限", "One complaint, and its clocks")
    stage.case = await agent.post(
        "/cases",
        kind="complaint",
        channel="hotline",
        category="works",
        gist=teller.pick(*_GIST),
        customer_position=teller.pick(*_WANTS),
        ownership_id=stage.home["ownership_id"],
        reporter_id=(await owner.get("/me"))["id"],
        from_thread=stage.talk["thread_id"],
    )
    case = stage.case
    await teller.say(
        f"{agent.name}从会话里建单：{case['number']}，投诉，工程质量类。",
        f"{agent.name} opens a case out of the talk: {case['number']}, a complaint, about the works.",
    )
    teller.same(case["state"], "dispatched", "通话一结束就派了单", "It is dispatched when the talk ends")
    teller.same(
        case["responsible"]["name"],
        stage.project_engineer.name,
        "负责人：项目工程师",
        "In whose hands: the project engineer",
    )
    await agent.post(f"/conversations/{stage.talk['id']}/close", reason=f"已建单 {case['number']}")
    told = {one["code"]: one for one in (await owner.get(f"/cases/{case['id']}"))["promises"]}
    await teller.say("业主在应用里看到给她的承诺：", "The owner reads what she is promised, in her app:")
    for code in ("C2", "C3"):
        await teller.quote(f"{code} {told[code]['name']}", f"{told[code]['words']} · {told[code]['stands']}")
    c2 = told["C2"]
    received, due = moment(case["received_at"]), moment(c2["due_at"])
    teller.same(told["C1"]["state"], "met", "C1 记录并派单", "C1, recorded and dispatched")
    teller.same(
        due - received,
        _BY_NIGHT,
        "夜里受理，首次联系不按工作时间，按 24 小时整",
        "It came outside working hours: first contact is counted round the clock, 24 hours",
    )
    teller.check(
        moment(told["C3"]["due_at"]) > due + _BY_NIGHT,
        f"答复方案按工作日算，绕过假期：{at(moment(told['C3']['due_at']))}",
        f"The proposal is counted in working days, past the holiday: {at(moment(told['C3']['due_at']))}",
        told["C3"],
    )
    counted = (await agent.get(f"/cases/{case['id']}/clocks"))["items"]
    sums = next(one["arithmetic"] for one in counted if one["code"] == "C3")["counted"]
    await teller.quote(
        teller.pick("坐席看到 C3 是怎么算的", "The agent sees how C3 is counted"),
        "\n".join(f"{at(moment(one['opens']))} – {at(moment(one['closes']))}" for one in sums),
    )
    if told["C3"]["provisional"]:
        await teller.say(
            "国务院还没有公布那时的放假安排，所以这个日子在应用里标着“暂定”。",
            "The holidays of that year are not published yet, and the app says that this day is provisional.",
        )


def clock_of(case: Json, code: str) -> Json:
    """The newest clock of a case by its code."""
    return max((one for one in case["promises"] if one["code"] == code), key=lambda one: int(one["round"]))
