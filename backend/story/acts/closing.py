"""Done is not closed: somebody who handled nothing of it asks how it went, and only then it is over."""

from datetime import timedelta
from functools import partial

from backend.story.acts.recording import clock_of
from backend.story.stage import Stage
from backend.story.telling import at, moment
from backend.story.town import Json, until

_DONE = ("已修好，闭水试验不漏，业主签字", "Repaired, tested under water, signed for")
_SUMMARY = ("修好了，没有再漏，态度满意", "It holds, no more dripping; content with how it went")
_CLOSED = ("业主接受，回访满意", "Accepted; content at the return visit")


async def closing(stage: Stage) -> None:
    """Finish, the return visit, the end."""
    teller, head, owner = stage.teller, stage.head, stage.owner
    teller.act("有人回访，才算完", "Over only when somebody has asked")
    case = f"/cases/{stage.case['id']}"
    await head.post(f"{case}/links", kind="ticket", subject=stage.ticket["id"], why="became")
    await head.post(f"{case}/completion", words=teller.pick(*_DONE))
    stage.case = await owner.get(case)
    teller.same(clock_of(stage.case, "C4")["state"], "met", "C4 约定完成", "C4, completion as agreed")
    refused = await head.post(f"{case}/closing", 409, reason="accepted", words=teller.pick(*_CLOSED))
    await teller.say("马上就关？不行：", "Close it at once? No:")
    await teller.quote("409", f"{refused['detail']} → {', '.join(refused['present']['missing'])}")
    await stage.town.wait_until(stage.day(8, 10))
    visits = await until("a visit of the case and one of its ticket", partial(_planned, stage))
    teller.check(
        visits, "七天之内要有人回访，已排好", "A visit within seven days is planned by itself", visits
    )
    await _not_by_who_handled(stage, visits[0])
    for visit in visits:
        await _visited(stage, visit)
    stage.case = await owner.get(case)
    teller.same(
        clock_of(stage.case, "C5")["state"],
        "met",
        f"C5 回访：{stage.visitor.name}没有经手过这件事，由她来问",
        f"C5, the return visit: {stage.visitor.name}, who had no part in it, has asked",
    )
    await head.post(f"{case}/closing", reason="accepted", words=teller.pick(*_CLOSED))
    await stage.visitor.post(f"/tickets/{stage.ticket['id']}/moves", move="close", data={})
    stage.case = await owner.get(case)
    teller.same(
        stage.case["state"], "closed", f"{stage.case['number']} 关闭", f"{stage.case['number']} is closed"
    )
    told = (await owner.get(f"{case}/clocks"))["items"]
    await teller.say("业主看到的全部时限：", "All of its clocks, as the owner reads them:")
    for clock in told:
        due = at(moment(clock["due_at"]))
        await teller.quote(f"{clock['code']} {clock['name']} ({due})", clock["stands"])
    teller.check(
        [one["code"] for one in told if one["state"] == "met_late"] == ["C2"],
        "只有一个没有按时，这一点不会被抹掉",
        "One of them was late, and that is not wiped out",
        told,
    )


async def _planned(stage: Stage) -> list[Json] | None:
    """The return visits of the case and of its ticket still to be made, once the worker has laid both."""
    found = []
    for kind, subject in (("complaint", stage.case["id"]), ("repair", stage.ticket["id"])):
        page = await stage.visitor.get("/visits", mine="false", live="true", kind=kind, limit=100)
        of_this = [one for one in page["items"] if one["subject_id"] == subject]
        if not of_this:
            return None
        found += of_this
    return found


async def _not_by_who_handled(stage: Stage, visit: Json) -> None:
    asked = {"mode": "talk", "summary": "…", "accepted": True}
    refused = await stage.head.ask("POST", f"/visits/{visit['id']}/complete", (403, 409), json=asked)
    await stage.teller.say(
        f"{stage.head.name}经手过，不能自己回访：", f"{stage.head.name} handled it, and may not ask:"
    )
    await stage.teller.quote("403", refused["detail"])


async def _visited(stage: Stage, visit: Json) -> None:
    visitor, summary = stage.visitor, stage.teller.pick(*_SUMMARY)
    whole = await visitor.get(f"/visits/{visit['id']}")
    await visitor.post(f"/visits/{visit['id']}/attempts", way="phone", reached=False, words="无人接听")
    await stage.town.wait_until(stage.town.now() + timedelta(hours=1))
    await visitor.post(
        f"/visits/{visit['id']}/complete",
        mode="talk",
        summary=summary,
        answers=[{"line": one["line"], "said": summary, "yes": True} for one in whole["script"]],
        checks=[{"line": one["line"], "sound": True} for one in whole["checklist"]],
        accepted=True,
        stars=5,
        opinion=summary,
    )
    await stage.teller.say(
        f"{visit['kind_words']}：第一次没人接，一小时后打通了。",
        f"{visit['kind_words']}: nobody answers at first; an hour later she does.",
    )
