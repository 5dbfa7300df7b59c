"""The repair: one engineer, who works where there is no network; protection, cleaning, signature."""

from datetime import datetime, timedelta
from typing import Any

from backend.story.phone import Phone, photo
from backend.story.stage import Stage
from backend.story.telling import at
from backend.story.town import Person

_COVERED = ("furniture", "fit_out", "appliances", "shoe_covers", "floor_mat")


async def repairing(stage: Stage) -> None:
    """A ticket from report to signature."""
    stage.teller.act("一个人修到底", "One person, from the report to the end")
    visit = stage.day(4, 9)
    await _reported(stage, visit)
    phone = Phone(stage.repair_engineer, f"story-{stage.begins.year}")
    await _in_the_basement(stage, phone, visit)
    await _handed_in_twice(stage, phone)
    await _signed(stage)


async def _reported(stage: Stage, visit: datetime) -> None:
    teller, engineer = stage.teller, stage.repair_engineer
    account = (await stage.owner.get("/me"))["id"]
    stage.ticket = await stage.specialist.post(
        "/tickets",
        ownership_id=stage.home["ownership_id"],
        place="主卧卫生间",
        component="pipes",
        description="楼上排水管接口渗漏，顶板滴水，第二次报修",
        reporter_id=account,
    )
    await teller.say(
        f"{stage.specialist.name}替业主报修。派给谁，由工种、远近、当班和手头的单子算出：",
        f"{stage.specialist.name} reports the repair for her. Who gets it follows from trade, nearness, duty and load:",
    )
    teller.same(
        stage.ticket["engineer"]["name"],
        engineer.name,
        "固定工程师",
        "The one engineer",
    )
    await _move(stage, engineer, "accept")
    await _move(stage, engineer, "contact", reached=True, words="已电话联系，约好上门")
    await _move(stage, engineer, "propose", cause="排水管接口老化", proposal="拆开吊顶，更换接口，重做防水")
    ends = visit + timedelta(hours=4)
    await _move(stage, engineer, "appoint", starts_at=visit.isoformat(), ends_at=ends.isoformat())
    teller.same(
        stage.ticket["state"], "appointed", f"约好 {at(visit)} 上门", f"A visit is agreed on for {at(visit)}"
    )


async def _in_the_basement(stage: Stage, phone: Phone, visit: datetime) -> None:
    """He takes the day along, and from then on there is no network."""
    teller, town, ticket = stage.teller, stage.town, stage.ticket["id"]
    await town.wait_until(visit - timedelta(minutes=40))
    await phone.download()
    teller.check(
        ticket in phone.tickets, "手机已带上今天的工单", "The phone has today's ticket", list(phone.tickets)
    )
    await teller.say(
        f"{phone.engineer.name}下到地下室关总阀，没有信号。此后全部记在手机里：",
        f"{phone.engineer.name} goes down to the stopcock: no signal. From here on everything is kept on the phone:",
    )
    before, after = photo(stage.begins.year), photo(stage.begins.year + 100)
    covered = [{"item": item, "photos": [before]} for item in _COVERED]
    done: tuple[tuple[int, str, dict[str, Any], str, str], ...] = (
        (-30, "set_out", {}, "出发", "on the way"),
        (0, "arrive", {}, "到场", "at the door"),
        (
            10,
            "protect",
            {"items": [*covered, {"item": "cut_elsewhere"}]},
            "五项成品保护拍照，切割在屋外",
            "everything covered, with photos",
        ),
        (15, "start", {"livable": True}, "开工", "work begins"),
        (
            180,
            "finish",
            {
                "words": "已更换接口，重做防水，闭水两小时不漏",
                "photos": [after],
                "losses": {"water": "约两桶", "electricity": None, "other": None},
            },
            "完工，水电损耗记在我们账上",
            "done; water and electricity are on us",
        ),
    )
    for minutes, op, data, zh, en in done:
        await town.wait_until(visit + timedelta(minutes=minutes))
        phone.record(ticket, op, **data)
        await teller.say(f"  {zh}", f"  {en}")
    stands = await stage.owner.get(f"/tickets/{ticket}")
    teller.same(
        stands["state"],
        "appointed",
        "系统还不知道：工单状态",
        "The system knows nothing of it yet: the ticket is",
    )


async def _handed_in_twice(stage: Stage, phone: Phone) -> None:
    teller, ticket = stage.teller, stage.ticket["id"]
    await stage.town.wait_until(stage.town.now() + timedelta(minutes=30))
    photos = await phone.upload()
    first, second = await phone.hand_in(), await phone.hand_in()
    await teller.say(
        f"回到地面：先传 {photos} 张照片，再交 {len(first)} 条记录；网络不好，又整个交了一遍。",
        f"Above ground: {photos} photos, then {len(first)} records; the line is bad, and all of it is sent again.",
    )
    teller.same(", ".join(sorted(set(first))), "applied", "第一遍", "The first time")
    teller.same(
        ", ".join(sorted(set(second))),
        "already_applied",
        "第二遍：一条也没有重复",
        "The second time: nothing is done twice",
    )
    stage.ticket = await stage.owner.get(f"/tickets/{ticket}")
    teller.same(stage.ticket["state"], "done", "业主看到", "The owner sees it")
    teller.check(
        stage.ticket["ticks"]["one_protection"],
        "“一次保护”亮了",
        "Protection is ticked",
        stage.ticket["ticks"],
    )


async def _signed(stage: Stage) -> None:
    teller, owner, ticket = stage.teller, stage.owner, stage.ticket["id"]
    refused = await owner.ask("POST", f"/tickets/{ticket}/moves", 409, json={"move": "sign"})
    await teller.say("业主想先签字：", "She would sign at once:")
    await teller.quote("409", refused["detail"])
    starts = (stage.town.now() + timedelta(hours=1)).isoformat()
    await _move(stage, stage.specialist, "book_cleaning", company="洁美保洁", starts_at=starts)
    await stage.town.wait_until(stage.town.now() + timedelta(hours=2))
    await _move(stage, owner, "tick_cleaning")
    await _move(stage, owner, "sign", opinion="这次真的修好了")
    teller.same(
        stage.ticket["state"], "signed", "免费保洁之后，她签了字", "After the cleaning, at no cost, she signs"
    )
    ticks = stage.ticket["ticks"]
    teller.check(all(ticks.values()), "1-1-1-0 四项全亮", "All four ticks of 1-1-1-0 are lit", ticks)


async def _move(stage: Stage, who: Person, move: str, **data: Any) -> None:
    stage.ticket = await who.post(f"/tickets/{stage.ticket['id']}/moves", move=move, data=data)
