"""catch with an event loop. asyncio.run has a SIGINT handler of its own before ours is installed."""

import asyncio
import signal
import sys


async def main():
    caught = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, caught.set)
    await caught.wait()
    print("Catch SIGINT!", flush=True)


if len(sys.argv) > 1:
    print("usage: catch", file=sys.stderr)
    sys.exit(2)
asyncio.run(main())
