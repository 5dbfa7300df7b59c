"""The story of the product from end to end, told on a running system, through its public addresses and sockets only."""

from datetime import UTC, datetime

import httpx

from backend.story.acts import ACTS
from backend.story.stage import stage_in
from backend.story.telling import Lang, Teller, Wrong
from backend.story.town import Town

_LANGUAGES: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}


async def tell(address: str, *, lang: Lang, pause: float) -> int:
    """Tell it, with `pause` seconds for each line. Returns the exit code: 1 at the first thing that is wrong."""
    town = Town(address, _LANGUAGES[lang])
    teller = Teller(lang, pause, town.now)
    began = datetime.now(UTC)
    try:
        await town.read_clock()
        stage = stage_in(town, teller)
        # Where the demo's people are not, nobody's clock is moved.
        await stage.agent.sign_in()
        for act in ACTS:
            await act(stage)
    except Wrong as wrong:
        teller.went_wrong(wrong)
        return 1
    except (httpx.HTTPError, LookupError, ValueError) as error:
        # Nobody answered, or not in the shape that an answer has.
        teller.went_wrong(Wrong("an answer as it is documented", repr(error)))
        return 1
    finally:
        await town.http.aclose()
    seconds, stands = round((datetime.now(UTC) - began).total_seconds()), f"{town.now():%Y-%m-%d}"
    await teller.say(
        f"{teller.checked} 处都对，用时 {seconds} 秒。系统时间停在 {stands}；再讲一遍就到下一个国庆。",
        f"{teller.checked} things were as they should be, in {seconds} s. The system stands in {stands} now;"
        " told again, it is the next National Day.",
    )
    return 0
