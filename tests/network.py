"""A network between a browser and the server, which a test can break as real ones do: without a word to either side."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

CHUNK = 65536


class Network:
    """Carries TCP connections from `port` to another port of this machine, until it is broken."""

    def __init__(self, to_port: int) -> None:
        self._to_port, self._whole = to_port, Event()
        self._whole.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._sockets: list[socket.socket] = [self._listening]
        self._threads: list[Thread] = []
        self._run(self._accept)

    def breaks(self) -> None:
        """From now on nothing arrives: not what is said, not that a side has gone. New connections hang."""
        self._whole.clear()

    def heals(self) -> None:
        """New connections are carried again. Those of before are over, which both sides are told now."""
        over, self._sockets = self._sockets[1:], [self._listening]
        hang_up(over)
        self._whole.set()

    def stop(self) -> None:
        self._whole.set()
        hang_up(self._sockets)
        for thread in self._threads:
            thread.join(5)

    def _run(self, target, *arguments) -> None:
        self._threads.append(Thread(target=target, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._whole.wait()
                far = socket.create_connection(("127.0.0.1", self._to_port))
                self._sockets += [near, far]
                self._run(self._carry, near, far)
                self._run(self._carry, far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if not (self._whole.is_set() and source in self._sockets):
                    return  # lost on the way, and so is whatever comes after it
                target.sendall(data)
            if self._whole.is_set() and source in self._sockets:
                target.shutdown(socket.SHUT_WR)


def hang_up(sockets: list[socket.socket]) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextmanager
def network(to_port: int) -> Iterator[Network]:
    carrying = Network(to_port)
    try:
        yield carrying
    finally:
        carrying.stop()
