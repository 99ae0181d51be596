"""What reaches the real web server in one piece, or breaks WebSocket's own rules: no traceback in its log."""

import contextlib
import time

from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

from tests.server import serving

TIMES = 50


def sent_at_once(server, *frames):
    """The close code that the server answers with."""
    with connect(f"ws://127.0.0.1:{server.port}/ws/visit/", origin=server.url, proxy=None) as client:
        client.socket.sendall(b"".join(frame.serialize(mask=True) for frame in frames))
        with contextlib.suppress(ConnectionClosed):
            client.recv(timeout=5)
        return client.close_code


def test_nothing_that_a_client_writes_is_an_error_of_the_server(tmp_path):
    garbage, binary = Frame(Opcode.TEXT, b"{"), Frame(Opcode.BINARY, b"\0")
    with serving(tmp_path) as server:
        assert sent_at_once(server, *[garbage] * TIMES) == 4400
        assert sent_at_once(server, *[binary] * TIMES) == 4400
        assert sent_at_once(server, Frame(Opcode.TEXT, b'{"type": "ice"}'), *[garbage] * TIMES) == 4401
        assert sent_at_once(server, Frame(Opcode.TEXT, b" " * 100_000), garbage) == 4413
        assert sent_at_once(server, Frame(Opcode.TEXT, b" " * 200_000)) == 1009  # the web server's own limit
        time.sleep(0.5)
        log = server.log("serve").read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log
