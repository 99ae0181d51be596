"""`python -m tests.load [part ...]`: measures the parts named, or all; each has its section of docs/load.md."""

import sys

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
    with tqdm(names or PARTS, unit="part", file=sys.stderr) as progress:
        for name in progress:
            progress.set_postfix_str(name)
            text = report.SECTIONS[name](PARTS[name](say))
            before = PAGE.read_text() if PAGE.exists() else ""
            PAGE.write_text(report.page(before, {name: text}))


if __name__ == "__main__":
    main(sys.argv[1:])
