"""Jobs for tests to hand to real workers."""

import time


def quick() -> str:
    return "done"


def fail() -> str:
    raise ValueError("never works")


def slow(seconds: float) -> str:
    time.sleep(seconds)
    return f"slept {seconds} s"


def told(contact: str, size: int, **more: str) -> str:
    raise ValueError(f"{contact} cannot have {size} of {more}")
