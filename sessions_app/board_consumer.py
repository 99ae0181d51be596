"""The socket of a board: what is now, and from time to time the stretch of time that it shows."""

from urllib.parse import parse_qsl

from django.utils import timezone

from monitoring import StaffSocket
from sessions_app.board_live import Tick, Wanted, hub, wanted, watched
from sessions_app.board_windows import PERMISSION, asked, window
from sessions_app.errors import BadAddress


class BoardConsumer(StaffSocket):
    permission, hub, watched = PERMISSION, hub, watched
    wanted: Wanted | None = None
    past: str | None = None

    async def connect(self) -> None:
        await super().connect()
        if self.language:  # let in
            query = dict(parse_qsl(self.scope["query_string"].decode("latin-1")))
            try:
                found = asked(query)
                window(found, timezone.now())
            except BadAddress:
                return  # no page of ours asks so: it hears of now alone
            self.wanted = self.language, found
            wanted[self.wanted] += 1

    async def disconnect(self, code: int) -> None:
        if self.wanted:
            wanted[self.wanted] -= 1
            if not wanted[self.wanted]:
                del wanted[self.wanted]
        await super().disconnect(code)

    async def tell(self, value: Tick) -> None:
        if self.language in value.now:  # read since we came
            await self.send(value.now[self.language])
        past = value.past.get(self.wanted) if self.wanted else None
        if past is not None and past is not self.past:
            self.past = past
            await self.send(past)
