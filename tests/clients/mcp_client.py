"""Ask plausible-mcp's tools over its own protocol, as an assistant does; prints their answers as one JSON object."""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

CALLS = json.loads(sys.argv[1])


async def main() -> None:
    server = StdioServerParameters(command=sys.executable, args=["-m", "plausible_mcp.server"], env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        answers = [await session.call_tool(name, arguments) for name, arguments in CALLS]
    print(json.dumps([answer.content[0].text for answer in answers]))


asyncio.run(main())
