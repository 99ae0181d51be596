"""This process, as the store knows it: an identity of its own, renewed after a fork, and its role."""

import os
import socket
import time
import uuid


class Identity:
    """`role` says what the process is for: web, worker, scheduler, metrics or command."""

    def __init__(self) -> None:
        self.role = "command"
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self.writer = uuid.uuid4().hex
        self.host = socket.gethostname()[:100]
        self.pid = os.getpid()
        self.started_at = time.time()


identity = Identity()
