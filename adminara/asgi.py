"""The ASGI application: HTTP by Django, WebSockets by Channels, and the server's own start and stop."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adminara.settings")
django.setup(set_prefix=False)

# The imports below need Django's apps to be loaded.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from adminara.handler import Handler, with_static_files  # noqa: E402
from monitoring.lifespan import Lifespan  # noqa: E402
from monitoring.routing import websocket_urlpatterns as panel_sockets  # noqa: E402
from sessions_app import sweeping  # noqa: E402
from sessions_app.cut_off import HangsUp  # noqa: E402
from sessions_app.routing import websocket_urlpatterns as desk_sockets  # noqa: E402
from sessions_app.socket_limits import SocketLimits  # noqa: E402

application = ProtocolTypeRouter(
    {
        "lifespan": Lifespan(role="web", at_start=lambda: sweeping.give_time(now())),
        "http": with_static_files(Handler()),
        "websocket": SocketLimits(HangsUp(AuthMiddlewareStack(URLRouter([*desk_sockets, *panel_sockets])))),
    }
)
