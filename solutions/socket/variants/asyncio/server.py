"""server PORT: a TCP echo server, a task for every client."""

import asyncio
import signal
import sys
from asyncio import StreamReader, StreamWriter


def port_of(arguments: list[str], program: str) -> int:
    """The only argument, if it is a port; otherwise the program ends."""
    if len(arguments) == 1 and arguments[0].isascii() and arguments[0].isdigit():
        port = int(arguments[0])
        if 1 <= port <= 65535:
            return port
    print(f"usage: {program} PORT", file=sys.stderr)
    sys.exit(2)


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main() -> int:
    port = port_of(sys.argv[1:], "server")
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    try:
        server = await asyncio.start_server(serve, "127.0.0.1", port, reuse_address=True)
    except OSError as error:
        print(f"server: {error}", file=sys.stderr)
        return 1
    await ended.wait()
    server.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
