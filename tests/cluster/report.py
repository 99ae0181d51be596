"""The trial as a table for the terminal and a page for docs/."""

from collections.abc import Iterable, Iterator, Sequence

from tests.cluster.hosts import GONE_AFTER_S, REDELIVERY_S, RESTART_S
from tests.cluster.reckoning import Finding
from tests.cluster.trial import Outcome, Plan
from tests.cluster.watching import Row

COLUMNS = {"joining": "joining", "page": "a customer's page", "console": "a console", "readyz": "`/readyz`"}


def downtimes(rows: Iterable[Row]) -> Iterator[list[str]]:
    """One line a fault; two hosts share a cell."""
    yield ["fault", *COLUMNS.values(), "jobs", "the unluckiest job", "refused"]
    for row in rows:
        cells = [f"{row.downtimes[f'{what} 1']:.1f} / {row.downtimes[f'{what} 2']:.1f}" for what in COLUMNS]
        refused = ", ".join(f"{times} x {why}" for why, times in sorted(row.refused.items())) or "nothing"
        yield [row.what, *cells, f"{row.downtimes['job']:.1f}", f"{row.job_wait_s:.1f}", refused]


def table(lines: Iterable[Sequence[str]]) -> str:
    head, *rest = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([head, "|" + "---|" * (head.count(" | ") + 1), *rest])


def reckoned(found: Iterable[Finding]) -> Iterator[list[str]]:
    yield ["what", "found", ""]
    for finding in found:
        yield [finding.what, finding.found, "holds" if finding.holds else "**does not hold**"]


def page(plan: Plan, outcome: Outcome, found: Sequence[Finding], took_s: float) -> str:
    counted = outcome.simulated
    return f"""\
# Two hosts, and each part killed in turn

Written by `make cluster`, in {took_s:.0f} s on one machine of two cores that held everything: two hosts with a web
server and two job workers each, one PostgreSQL, one Redis, and their clients. These are a simulated day of
{plan.customers} customers and {plan.staff} members of staff, half of them on each host, and probes that all the while
join, open the page and leave, watch the console, and enqueue a job on the first host. What is killed, by SIGKILL, is
started again after {RESTART_S} s, as by systemd (deploy/systemd). `DESK_GONE_AFTER` is {GONE_AFTER_S} s,
`JOB_REDELIVERY` {REDELIVERY_S} s.

## Downtimes

In seconds: the longest time around a fault within which something did not work once, on host 1 / on host 2, so that
the first line is what the probes see of a cluster that is well.

{table(downtimes(outcome.rows))}

A browser goes to the other host when a proxy stands in front (deploy/nginx); these did not. *The unluckiest job* is the
longest from enqueuing to start: what a killed worker had in hand is handed out again after `JOB_REDELIVERY`.
Simulated customers' pages came back by themselves {counted["reconnects"]} times.
{outcome.ran_twice} of the jobs ran twice.

## When all were gone

{table(reckoned(found))}
"""
