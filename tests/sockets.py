"""A WebSocket client without a network. (channels.testing has one too, but needs daphne.)"""

import json

from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter

PATIENCE_S = 15


class Socket(ApplicationCommunicator):
    """Talks to the consumer behind `path`; `async with` opens and closes it."""

    def __init__(self, patterns, path, **scope):
        path, _, query = path.partition("?")
        scope = {"type": "websocket", "path": path, "query_string": query.encode(), "headers": [], **scope}
        super().__init__(URLRouter(patterns), scope)

    async def __aenter__(self):
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(PATIENCE_S))["type"] == "websocket.accept"
        return self

    async def __aexit__(self, *_):
        await self.send_input({"type": "websocket.disconnect", "code": 1005})
        await self.wait(PATIENCE_S)

    async def says(self, message):
        await self.says_text(json.dumps(message))

    async def says_text(self, text):
        await self.send_input({"type": "websocket.receive", "text": text})

    async def receives(self):
        message = await self.receive_output(PATIENCE_S)
        assert message["type"] == "websocket.send", message
        return message["text"]

    async def is_closed_with(self, code):
        while (message := await self.receive_output(PATIENCE_S))["type"] != "websocket.close":
            pass
        assert message["code"] == code
        # As the web server does, which takes anything said after the end for an error of ours.
        await self.send_input({"type": "websocket.disconnect", "code": code})
        await self.wait(PATIENCE_S)
        assert self.output_queue.empty()
        return message.get("reason", "")
