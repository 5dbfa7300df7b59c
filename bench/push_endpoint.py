"""What stands at the other end in bench.push, each in a process of its own: FCM's HTTP v1 API, an SMS gateway.

`python -m bench.push_endpoint fcm|sms --port N`.
"""

import argparse
import asyncio

import uvloop

from tests.fakes.fcm import fcm_endpoint
from tests.fakes.sms_gateway import sms_gateway

SECRET = "between us"  # noqa: S105 - of a stand-in


async def _serve(which: str, port: int) -> None:
    async with fcm_endpoint(port=port) if which == "fcm" else sms_gateway(port, bench=SECRET):
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("which", choices=["fcm", "sms"])
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    uvloop.run(_serve(given.which, given.port))
