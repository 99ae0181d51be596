"""Hangs up, with a code that lets the page come back, when what carries the news between processes is away."""

from monitoring import cut_off
from sessions_app.close_codes import CloseCode, reason
from sessions_app.socket_limits import Application, Receive, Scope, Send, language_of


class HangsUp:
    """Wraps what answers WebSockets. A page that was not let in yet is let in first, or it would not learn the code."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = set[str]()

        async def tell(message: Scope) -> None:
            said.add(message["type"])
            await send(message)

        try:
            await self._application(scope, receive, tell)
        except cut_off():
            if not said:
                await receive()
                await send({"type": "websocket.accept"})
            if "websocket.close" not in said:
                why = reason(CloseCode.CUT_OFF, language_of(scope))
                await send({"type": "websocket.close", "code": CloseCode.CUT_OFF, "reason": why})
