"""What reads cost as data grows: `python -m bench.search [--quick] [--json]`.

The same questions to an estate of 1,000 homes and to one of 1,000,000 (100,000 when quick), one after the other on one
connection each, in turns; the figure is the median time.
"""

import asyncio
from contextlib import ExitStack
from urllib.parse import quote

import uvloop

from backend.prepare import prepare
from bench.estate import People, fill
from bench.growing import Questions, growing, new_database
from bench.harness import database, environment, options, report, serving, use_load_core
from bench.load import request

_FEW = 1_000


def _questions(people: People) -> Questions:
    homes = f"/v1/projects/{people.project_id}/homes"
    asked = {
        "room 1-1-1502": "1-1-1502",
        "room 1502": "1502",
        "name": people.neighbour_name,
        "phone": people.neighbour_phone,
        "a phone's end": people.neighbour_phone[-4:],
    }
    return {
        **{
            f"search by {what}": (request(f"{homes}?q={quote(typed)}", people.staff), "200")
            for what, typed in asked.items()
        },
        "list of a project's homes": (request(homes, people.staff), "200"),
        "GET /v1/me/homes": (request("/v1/me/homes", people.owner), "200"),
    }


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    sizes = (_FEW, 100_000 if wanted.quick else 1_000_000)
    with (
        database() as running,
        ExitStack() as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        asked: dict[int, tuple[int, Questions]] = {}
        for size in sizes:
            url = loop.run(new_database(running.database_url, f"bench_{size}"))
            prepare(url)
            people = loop.run(fill(url, size))
            port = stack.enter_context(serving(["backend", "api"], environment(running, url)))
            asked[size] = port, _questions(people)
        figures = growing(loop, asked, 100 if wanted.quick else 300)
    report("As data grows", figures, wanted)


if __name__ == "__main__":
    main()
