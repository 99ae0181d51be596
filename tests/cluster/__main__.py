"""`python -m tests.cluster [--short]`: kills each part of a cluster in turn; the whole of it writes docs/cluster.md."""

import sys
import time

from tests import environment  # noqa: F401 - none of the developer's settings
from tests.cluster import report
from tests.cluster.reckoning import Finding, findings
from tests.cluster.trial import FULL, SHORT, run
from tests.server import ROOT

PAGE = ROOT / "docs" / "cluster.md"


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)  # noqa: T201


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--short"]):
        say(f"Not known: {' '.join(arguments)}. There is --short.")
        return 2
    plan, began, found = SHORT if arguments else FULL, time.monotonic(), list[Finding]()
    outcome = run(plan, lambda there, lived: found.extend(findings(there, lived)), say)
    tables = [report.table(report.downtimes(outcome.rows)), report.table(report.reckoned(found))]
    print(*tables, sep="\n\n")  # noqa: T201
    if not outcome.loaded:
        say("The load ran out before the last fault was over: the faults after that met idle hosts.")
    if plan is FULL:
        PAGE.write_text(report.page(plan, outcome, found, time.monotonic() - began))
    return 0 if all(finding.holds for finding in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
