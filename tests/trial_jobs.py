"""Jobs for tests to hand to real workers."""

import time
from pathlib import Path

from django.conf import settings


def quick() -> str:
    return "done"


def fail() -> str:
    raise ValueError("never works")


def slow(seconds: float) -> str:
    time.sleep(seconds)
    return f"slept {seconds} s"


def told(contact: str, size: int, **more: str) -> str:
    raise ValueError(f"{contact} cannot have {size} of {more}")


def waver(path: str) -> str:
    """Works while there is a file at `path`."""
    return Path(path).read_text()


def mended(file: str) -> str:
    """Fails until somebody has made the file."""
    return Path(file).read_text()


def numbered(number: int, seconds: float) -> str:
    time.sleep(seconds)
    return f"number {number}"


def stamp(file: str, number: int) -> str:
    """Note in `file` when it ran, and on which host."""
    with Path(file).open("a") as out:
        out.write(f"{number} {time.time()} {settings.DATA_DIR.name}\n")
    return f"number {number}"
