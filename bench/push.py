"""A post to ten thousand owners: `python -m bench.push [--quick] [--json]`.

10,000 owners of one project with 1.3 devices each, in a PostgreSQL that waits for its disk. A post is published by its
timer in one worker process, which has a core to itself; the database, a local endpoint that speaks FCM's HTTP v1 API,
an SMS gateway and the people who sign in meanwhile share the other. Beside it, on the worker's core and to the same
endpoint, the bare `send_each_async` of firebase-admin, and our channel alone. The figures are medians of three rounds
(one when quick).
"""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

import httpx
import uvloop

from bench.harness import Figure, at_least, at_most, database, options, report, serving, use_load_core
from bench.push_peer import rates
from bench.push_world import CODES_PER_SECOND, fan_out, people, worker

_OWNERS = 10_000
_ROUNDS = 3


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    rounds = 1 if wanted.quick else _ROUNDS
    with database(durable=True) as running, ExitStack() as stack:
        fcm, sms = (
            f"http://127.0.0.1:{port}"
            for port in (
                stack.enter_context(serving(["bench.push_endpoint", which], dict(os.environ), core=-1))
                for which in ("fcm", "sms")
            )
        )
        account = httpx.get(f"{fcm}/told").json()["account"]
        devices = asyncio.run(people(running, _OWNERS))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongxing-bench-")))
        bare, channel, posts = [], [], []
        for number in range(rounds):
            one, ours = rates(fcm, account, devices // (16 if wanted.quick else 8), str(number))
            bare.append(one)
            channel.append(ours)
            with worker(running, folder, fcm, account, sms):
                posts.append(uvloop.run(fan_out(running, fcm, sms, _OWNERS, devices, number)))
    handed_over = median(devices / one.handed_over for one in posts)
    peer = f"{median(bare):,.0f} messages/s"
    codes = [seconds for one in posts for seconds in one.codes]
    figures = [
        at_most(
            f"a post to {_OWNERS:,} owners: notices and {devices:,} deliveries written",
            median(one.written for one in posts),
            2,
            unit="s",
        ),
        Figure("handed over, by the worker", round(handed_over), "messages/s"),
        Figure("the whole post handed over", round(median(one.handed_over for one in posts), 2), "s"),
        Figure("written down after the last", round(median(one.recorded for one in posts), 2), "s"),
        at_least("the worker by bare send_each_async", handed_over / median(bare), 0.9, peer=peer),
        Figure("our channel alone by the same", round(median(channel) / median(bare), 2), "x", peer=peer),
        Figure(f"codes sent meanwhile, {CODES_PER_SECOND}/s", len(codes), "codes"),
        at_most(
            "a code meanwhile, from asked for to the gateway, p99", quantiles(codes, n=100)[98], 2, unit="s"
        ),
        Figure("the same, median", round(median(codes), 3), "s"),
    ]
    report("A post to ten thousand owners", figures, wanted)


if __name__ == "__main__":
    main()
