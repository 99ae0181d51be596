"""Runs tests on a PostgreSQL and a Redis where they would use SQLite and memory: `python -m tests.services [tests]`."""

import os
import subprocess
import sys

from tests.postgresql import postgresql
from tests.redis import redis

if __name__ == "__main__":
    with postgresql() as address, redis() as server:
        environment = os.environ | {"TEST_DATABASE_URL": address, "TEST_REDIS_URL": server.url}
        sys.exit(subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], env=environment).returncode)
