"""The eve of National Day: an owner looks at the journey, and writes to the hotline at 23:40."""

from datetime import timedelta

from backend.story.line import Line
from backend.story.stage import Stage
from backend.story.telling import moment
from backend.story.town import Json, until

_LEAK = (
    "卫生间顶上在滴水，楼板都湿了。已经第二次了，上次说修好了！",
    "The bathroom ceiling is dripping, the slab is soaked. It is the second time; you said it was fixed!",
)
_ASKED = (
    "您好，我是热线何静。请问是主卧卫生间吗？水滴得急不急？",
    "Good evening, this is He Jing at the hotline. Is it the master bathroom? Is it dripping fast?",
)
_ANSWERED = (
    "主卧卫生间，接了半盆水了。我要投诉，请你们管工程的人给我一个说法。",
    "The master bathroom; half a bucket by now. I want to complain: somebody from the works is to explain this.",
)
_NOTE = ("内部：第二次渗漏，转工程。", "Internal: leaks a second time, goes to the works.")
_PROMISED = (
    "已为您登记，最迟明晚 23:40 会有人亲自与您联系。",
    "It is on record. By 23:40 tomorrow night at the latest a person will contact you.",
)


async def evening(stage: Stage) -> None:
    """Signing in, the timeline, and a talk on two sockets."""
    teller, town, owner, agent = stage.teller, stage.town, stage.owner, stage.agent
    teller.act("国庆前夜", "The eve of National Day")
    await town.wait_until(stage.begins - timedelta(minutes=10))
    await teller.say(
        f"系统时间拨到 {stage.begins.year} 年 9 月 30 日夜里（只进不退）。",
        f"The system's clock is moved to the night of 30 September {stage.begins.year} (it only goes forward).",
    )
    await teller.say(
        f"所有短信、推送和邮件都在 {town.address}/dev/mailbox，可以跟着看。",
        f"Every SMS, push and e-mail lands at {town.address}/dev/mailbox: follow it there.",
    )
    await owner.sign_in()
    await teller.say(
        f"业主{owner.name}用手机号登录，收到短信：",
        f"The owner {owner.name} signs in by phone, and gets an SMS:",
    )
    await teller.quote(f"短信 SMS → {owner.phone}", owner.sms)
    (stage.home,) = (await owner.get("/me/homes"))["items"]
    teller.same(stage.home["role"], "owner", f"{stage.place} 是她的家", f"{stage.place} is her home")
    await _journey(stage)

    await agent.sign_in()  # the session of the day before has ended
    async with Line(owner) as hers, Line(agent) as desk:
        await agent.put("/agents/me", state="available")
        await teller.say(
            f"今夜值班的热线坐席是{agent.name}，已在席。",
            f"{agent.name} is the agent on duty tonight, and at the desk.",
        )
        await town.wait_until(stage.begins)
        leak = teller.pick(*_LEAK)
        stage.talk = await owner.post("/conversations", ownership_id=stage.home["ownership_id"], text=leak)
        await teller.say(f"{owner.name}写给热线：", f"{owner.name} writes to the hotline:")
        await teller.quote(owner.name, leak)
        await _assigned(stage)
        thread = stage.talk["thread_id"]
        await hers.watch(thread)
        await desk.watch(thread)
        teller.check(
            leak in desk.heard_words(),
            f"{agent.name}的屏幕上有这句话",
            f"It is on {agent.name}'s screen",
            desk.frames,
        )
        await _talk(stage, hers, desk)


async def _journey(stage: Stage) -> None:
    teller = stage.teller
    journey = await stage.owner.get(f"/ownerships/{stage.home['ownership_id']}/journey")
    current = next(step for step in journey["steps"] if step["code"] == journey["step"])
    await teller.say(
        f"她看自己的历程：现在是第 {current['number']} 步“{current['name']}”。接下来：",
        f"She reads her journey: it stands at step {current['number']}, {current['name']}. What comes next:",
    )
    for coming in journey["next"][:3]:
        await teller.quote(coming["due_on"], coming["name"])
    teller.check(
        journey["contact"]["name"] and all(one["due_on"] for one in journey["next"]),
        f"每一项都有日子，联系人是{journey['contact']['name']}",
        f"Everything has its day, and {journey['contact']['name']} answers for it",
        journey["contact"],
    )


async def _assigned(stage: Stage) -> None:
    async def with_the_agent() -> Json | None:
        found = await stage.owner.get(f"/conversations/{stage.talk['id']}")
        return found if found["agent"] else None

    stage.talk = await until("an agent has it", with_the_agent)
    opened = moment(stage.talk["opened_at"])
    stage.teller.same(
        stage.talk["agent"]["name"], stage.agent.name, "会话马上有人接", "Somebody has taken it at once"
    )
    stage.teller.check(
        opened >= stage.begins, "时间记为 23:40", "It is on record as of 23:40", stage.talk["opened_at"]
    )


async def _talk(stage: Stage, hers: Line, desk: Line) -> None:
    teller, owner, agent, thread = stage.teller, stage.owner, stage.agent, stage.talk["thread_id"]
    note, promised = teller.pick(*_NOTE), teller.pick(*_PROMISED)
    for one, other, who, words in (
        (desk, hers, agent.name, teller.pick(*_ASKED)),
        (hers, desk, owner.name, teller.pick(*_ANSWERED)),
    ):
        await one.say(thread, words)
        await teller.quote(who, words)
        await other.hears_words(words)
    await desk.say(thread, note, audience="staff")
    await teller.quote(f"{agent.name} → staff", note)
    await desk.say(thread, promised)
    await hers.hears_words(promised)
    await teller.quote(agent.name, promised)
    teller.check(
        note not in hers.heard_words(),
        "内部备注没有到业主那里",
        "The internal note did not reach the owner",
        hers.frames,
    )
