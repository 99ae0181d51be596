"""What a self-test found, part by part."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """One step of the way; `ms` is None where there is no time to tell, `role` empty where it is nobody's own."""

    name: str
    ms: float | None = None
    role: str = ""
    detail: str = ""

    def __str__(self) -> str:
        ms = "" if self.ms is None else f"{self.ms:,.0f} ms"
        return f"{self.name:<24}{self.role:<10}{ms:>10}   {self.detail}".rstrip()


@dataclass
class Report:
    """`tell` hears of each part as soon as it is over; `failures` is empty when everything worked."""

    url: str
    tell: Callable[[Part], None]
    browser: str = ""
    parts: list[Part] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter)
    took_ms: float = 0

    def add(self, name: str, ms: float | None = None, role: str = "", detail: str = "") -> None:
        part = Part(name, ms, role, detail)
        self.parts.append(part)
        self.tell(part)

    @contextmanager
    def timed(self, name: str, role: str = "") -> Iterator[None]:
        """Adds a part for what is done within the context, if it comes to its end."""
        began = time.perf_counter()
        yield
        self.add(name, since(began), role)

    def fail(self, sentence: str) -> None:
        """Something does not work, and the rest is tested all the same."""
        self.failures.append(sentence)

    def finish(self) -> None:
        self.took_ms = since(self._began)

    def as_json(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "browser": self.browser,
            "ok": not self.failures,
            "failures": self.failures,
            "took_ms": round(self.took_ms, 1),
            "parts": [asdict(part) | {"ms": part.ms and round(part.ms, 1)} for part in self.parts],
        }

    def verdict(self) -> str:
        """That everything worked."""
        tested = "a call in Chromium" if self.browser else "everything but the media, without Chromium"
        return f"The desk works: {tested}, {self.took_ms / 1000:.1f} s."

    def sentence(self) -> str:
        """The verdict with every part, for the page of jobs."""
        return f"{self.verdict()} {'; '.join(' '.join(str(part).split()) for part in self.parts)}."


def since(began: float) -> float:
    """Milliseconds since `began` of time.perf_counter()."""
    return (time.perf_counter() - began) * 1000
