"""`python -m tests.load [part ...]`: measures the parts named, or all of them and then writes docs/load.md."""

import sys
import time

from tqdm import tqdm

from tests import environment  # noqa: F401 - none of the developer's settings
from tests.load import curve, growth, report, sockets
from tests.server import ROOT

PAGE = ROOT / "docs" / "load.md"
PARTS = {"curve": curve.run, "sockets": sockets.run, "growth": growth.run}


def say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)


def main(names: list[str]) -> None:
    if unknown := set(names) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    began, found = time.monotonic(), {}
    with tqdm(names or PARTS, unit="part", file=sys.stderr) as progress:
        for name in progress:
            progress.set_postfix_str(name)
            found[name] = PARTS[name](say)
    if not names:
        PAGE.write_text(report.page(found["curve"], found["sockets"], found["growth"], time.monotonic() - began, PAGE))
        return
    for one in found.get("curve", ()):
        print(report.curve(one))  # noqa: T201
    if "sockets" in found:
        print(report.sockets(found["sockets"]))  # noqa: T201
    for one in found.get("growth", ()):
        print(report.growth(one))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
