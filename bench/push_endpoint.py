"""The endpoint that bench.push hands messages to: FCM's HTTP v1 API, in a process of its own."""

import argparse
import asyncio

import uvloop

from tests.fakes.fcm import fcm_endpoint


async def _serve(port: int) -> None:
    async with fcm_endpoint(port=port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(_serve(parser.parse_args().port))
