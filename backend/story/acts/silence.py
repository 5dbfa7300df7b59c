"""Nobody calls the owner: warnings, the promise is broken, and the chain goes from one to the next."""

import re
from datetime import datetime, timedelta

from backend.story.acts.recording import clock_of
from backend.story.stage import Stage
from backend.story.telling import at, moment
from backend.story.town import Employee, Json, until

_RINGS_WITHIN = timedelta(minutes=1, seconds=30)
"""Pages of one person are gathered for a minute before they ring."""
_LATEST = timedelta(minutes=5)


async def silence(stage: Stage) -> None:
    """What happens by itself while nothing is done."""
    teller, town = stage.teller, stage.town
    teller.act("没有人联系她", "Nobody calls her")
    clock = clock_of(stage.case, "C2")
    starts, due = moment(clock["starts_at"]), moment(clock["due_at"])
    quarter = (due - starts) / 4
    for employee in stage.called:
        await _carries_a_phone(employee)

    since = town.now()
    await town.wait_until(starts + 2 * quarter + timedelta(seconds=5))
    await teller.say(
        f"时限过半，{stage.project_engineer.name}没有打电话。",
        f"Half the time is gone; {stage.project_engineer.name} has not called.",
    )
    await _warned(stage, since)

    agent, specialist, engineer, head = stage.agent, stage.specialist, stage.project_engineer, stage.head
    await _rings(stage, agent, starts + 3 * quarter, "只剩四分之一", "The last quarter begins")
    await _rings(stage, specialist, due, "时限已过，承诺没有兑现", "The time is over, the promise is broken")
    case = await stage.owner.get(f"/cases/{stage.case['id']}")
    teller.same(clock_of(case, "C2")["state"], "breached", "业主也看得到", "The owner sees it too")
    await teller.quote("C2", clock_of(case, "C2")["stands"])
    await _no_answer(stage, specialist)
    await _rings(stage, engineer, due + quarter, "还是没有人", "Still nobody")
    await _no_answer(stage, engineer)
    await _rings(stage, head, due + 2 * quarter, "再上一级", "One level up")


async def _carries_a_phone(employee: Employee) -> None:
    """The app tells its device at every start; what calls them is written in the language they have chosen."""
    language = employee.town.language
    await employee.ask("PATCH", "/me", json={"locale": language})
    await employee.put(
        f"/me/devices/{employee.device}",
        platform="android",
        token=employee.push,
        app_version="1.0.0",
        locale=language,
    )


async def _warned(stage: Stage, since: datetime) -> None:
    """Whoever has the case is told at the first warning."""

    async def arrived() -> Json | None:
        inbox = (await stage.project_engineer.get("/notices"))["items"]
        return next(
            (one for one in inbox if one["kind"] == "case_clock" and moment(one["created_at"]) >= since), None
        )

    notice = await until("a warning in the inbox of whoever has the case", arrived)
    await stage.teller.quote(f"{stage.project_engineer.name} ← {notice['title']}", notice["body"])


async def _rings(stage: Stage, who: Employee, then: datetime, zh: str, en: str) -> None:
    """Somebody is called when a step is due: push, SMS and e-mail at once."""
    teller, town, number = stage.teller, stage.town, stage.case["number"]
    await town.wait_until(then + _RINGS_WITHIN)
    await teller.say(f"{zh}。呼叫{who.name}：", f"{en}. {who.name} is called:")
    heard = [
        (way, await town.mailed(address, then, re.escape(number)))
        for way, address in (("push", who.push), ("SMS", who.phone), ("e-mail", who.email))
    ]
    for way, message in heard:
        if way == "SMS":
            await teller.quote(f"{way} → {who.phone}", message["body"])
        link = re.search(r"/v1/taps/([\w-]+)", message["body"])
        stage.taps[who.number] = link[1] if link else stage.taps.get(who.number, "")
    teller.check(
        all(stage.owner.name not in f"{one['title']}{one['body']}" for _, one in heard),
        f"推送、短信、邮件三路同时到，都写明 {number}，没有业主的名字",
        f"Push, SMS and e-mail at once; each names {number}, none the owner",
        heard,
    )
    page = (await who.get("/pages"))["items"][0]
    due, rung = moment(page["due_at"]), moment(page["rung_at"])
    teller.check(
        (page["number"], page["state"]) == (number, "ringing")
        and due == then
        and due <= rung < due + _LATEST,
        f"到点 {at(due)} 才响，也没有晚",
        f"Due at {at(due)}, not before its time, and not late",
        page,
    )


async def _no_answer(stage: Stage, who: Employee) -> None:
    """HC-11: the agent calls by telephone as well, and records it."""
    agent = stage.agent
    calls = (await agent.get("/calls"))["items"]
    task = next((one for one in calls if one["name"] == who.name), None)
    stage.teller.check(
        task, f"坐席的待办里有：打电话给{who.name}", f"To call {who.name} is among the agent's tasks", calls
    )
    assert task is not None
    when = stage.town.now().isoformat()
    done = await agent.post(f"/calls/{task['id']}/record", reached=False, at=when, said="无人接听")
    await stage.teller.say(
        f"{agent.name}给{who.name}打电话，无人接听，记录在案。",
        f"{agent.name} telephones {who.name}: no answer. It is on record.",
    )
    stage.teller.check(
        done["calls"] and not done["calls"][-1]["reached"],
        "打过、没打通，也是记录",
        "Called and not reached is a record too",
        done,
    )
