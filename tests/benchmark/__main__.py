"""`python -m tests.benchmark [case ...]`: runs the cases named, or all of them and then writes docs/benchmark.md."""

import sys
import time
import traceback
from types import ModuleType

from tqdm import tqdm

from tests import environment  # noqa: F401 - none of the developer's settings
from tests.benchmark import report
from tests.benchmark.cases import CASES
from tests.benchmark.child import ROOT
from tests.benchmark.result import Row

PAGE = ROOT / "docs" / "benchmark.md"


def attempt(name: str, case: ModuleType) -> list[Row]:
    """The case's lines, or one that says that it failed, so that the others still run."""
    try:
        rows: list[Row] = case.run()
    except Exception as error:
        traceback.print_exc()
        return [Row(f"case `{name}`", f"failed: {type(error).__name__}", met=False)]
    return rows


def main(names: list[str]) -> None:
    if unknown := set(names) - set(CASES):
        sys.exit(f"There is no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}.")
    began, rows = time.monotonic(), []
    with tqdm(names or CASES, unit="case", file=sys.stderr) as progress:
        for name in progress:
            progress.set_postfix_str(name)
            rows += attempt(name, CASES[name])
    print(report.table(rows), report.summary(rows), sep="\n\n")  # noqa: T201
    if not names:
        PAGE.write_text(report.page(rows, time.monotonic() - began))


if __name__ == "__main__":
    main(sys.argv[1:])
