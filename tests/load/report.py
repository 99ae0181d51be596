"""docs/load.md: a section for each part that was measured; the others stay as they are, and what is written by hand."""

import re
from collections.abc import Mapping, Sequence

from tests.benchmark.report import machine
from tests.load import past
from tests.load.curve import Curve
from tests.load.growth import MOST, Growth, Step
from tests.load.rounds import DRAIN_S, KEEPS_UP, MEASURED_S, PUSH_MS, WARM_S, Round
from tests.load.sockets import A_SECOND, MOST_MB, Sockets
from tests.load.usage import Used

HEADINGS = {
    "curve": "More and more customers",
    "sockets": "Two thousand open pages",
    "growth": "A month of few, a month of many",
}
LEAST = 100  # joins and claims a second, with PostgreSQL on two cores
HOUR, DAY = 3600, 86_400
VERDICTS = {True: "met", False: "**missed**"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def bars(curves: Sequence[Curve]) -> str:
    """Those on two cores with PostgreSQL, the load beside the servers."""
    best = max((one for one in curves if one.database == "PostgreSQL"), key=held)
    rate, push_ms = held(best), best.best.push_ms if best.best else float("nan")
    errors = sum(one.errors.total() for curve in curves for one in curve.rounds)
    rows = (
        ("joins and claims a second", f"{rate:.0f} ({best.name})", f"at least {LEAST}", verdict(rate >= LEAST)),
        ("push at that rate, p95", f"{push_ms:.0f} ms", f"under {PUSH_MS} ms", verdict(push_ms < PUSH_MS)),
        ("errors, also beyond what it bears", str(errors), "none", verdict(not errors)),
    )
    return table(("with PostgreSQL", "measured", "bar", ""), rows)


def held(curve: Curve) -> float:
    """Joins or claims a second, whichever were fewer, while all bars held."""
    return min(curve.best.joins, curve.best.claims) if curve.best else 0.0


def verdict(met: bool) -> str:
    return VERDICTS[met]


def curve(found: Curve) -> str:
    head = (
        "offered/s",
        "joins/s",
        "claims/s",
        "customers/h",
        "join",
        "claim",
        "end",
        "push",
        "press to page",
        "open sockets",
    )
    head += ("web, each customer", "web", "PostgreSQL", "Redis", "worker", "load", "others", "GB a day", "errors", "")
    size_kb = {what: grown / 1024 for what, grown in found.grown.items()}
    stored = ", ".join(f"{number:,} {state}" for state, number in found.stored.items())
    return f"""### {found.name}

{table(head, [_round(one, sum(found.grown.values())) for one in found.rounds])}

Of {found.customers:,} customers each left {size_kb["desk"]:.1f} KB in the desk's tables and
{size_kb["telemetry"]:.1f} KB in the telemetry's, indexes included. In the database at the end: {stored}."""


def _round(one: Round, grown: float) -> list[str]:
    times = (one.join_ms, one.claim_ms, one.end_ms, one.push_ms, one.press_ms)
    return [
        f"{one.offered:.0f}",
        f"{one.joins:.0f}",
        f"{one.claims:.0f}",
        f"{min(one.joins, one.claims) * HOUR:,.0f}",
        *(f"{ms:.0f} ms" for ms in times),
        str(one.open_sockets),
        f"{one.web_ms:.1f} ms",
        *(_used(one.usage.used.get(name, [])) for name in ("serve", "PostgreSQL", "Redis", "qcluster")),
        f"{one.usage.load:.0%}",
        f"{one.usage.others:.0%}",
        f"{one.joins * DAY * grown / 1e9:.1f}",
        str(one.errors.total()),
        one.broken or "all bars hold",
    ]


def _used(processes: Sequence[Used]) -> str:
    """Shares of a core and memory; of those that did something, at most four by themselves."""
    busy = [one for one in processes if one.share >= 0.005][:4]
    shares = " + ".join(f"{one.share:.0%}" for one in busy) if len(busy) == len(processes) or len(busy) < 4 else ""
    whole = f"{sum(one.share for one in processes):.0%}"
    return f"{shares or whole}, {' + '.join(f'{one.mb:.0f}' for one in busy)} MB" if busy else "0%"


def sockets(found: Sockets) -> str:
    moved = (
        f"{found.push_ms:.0f} ms to who is claimed; {found.place_ms[0]:.0f} ms to half of the others, "
        f"{found.place_ms[1]:.0f} ms to 95 of 100"
    )
    rows = [
        ("nobody there", f"{found.before.mb:.0f} MB", f"{found.before.share:.1%}", ""),
        (f"{found.pages:,} pages wait", f"{found.idle.mb:.0f} MB", f"{found.idle.share:.1%}", ""),
        (
            "one a second is claimed, and all move up",
            f"{found.moving.mb:.0f} MB",
            f"{found.moving.share:.1%}",
            moved,
        ),
    ]
    return table(("PostgreSQL, 1 web process", "memory", "of a core", "push"), rows)


def growth(found: Growth) -> str:
    few, many = found.per_day
    size = [sum(sizes.values()) / 1e9 for sizes in found.sizes]
    head = ("", f"{few:,} a day", f"{many:,} a day", "times", "p95", "p95", "")
    return f"""### {found.database}

{table(head, [_step(one) for one in found.steps])}

{found.filled[0]["sessions"]:,} and {found.filled[1]["sessions"]:,} sessions in {size[0]:.2f} and {size[1]:.2f} GB, \
made in {found.filled[0]["seconds"]} and {found.filled[1]["seconds"]} s."""


def _step(one: Step) -> list[str]:
    half, most = ([f"{ms:.1f} ms" for ms in times] for times in (one.half, one.most))
    return [one.what, *half, f"{one.ratio:.2f}", *most, verdict(one.met)]


def of_curves(curves: Sequence[Curve]) -> str:
    return f"""A customer loads the form, joins with its CSRF token, opens the page and its WebSocket, waits, hears of
the claim, answers it, and stays until the session is ended. Staff, who are logged in, take who is next as soon as a
page waits, talk for half a second, and end the session; one console is open. All pages give a sign of life every five
seconds. A round warms up for {WARM_S:.0f} s and is measured for {MEASURED_S:.0f} s; then everybody has {DRAIN_S:.0f} s
to go. A bar breaks by an error, by less than {KEEPS_UP:.0%} of what was offered, or by a push over {PUSH_MS} ms.

{bars(curves)}

Times are 95th percentiles: `push` from the answer to the claim until the customer's page hears, `press to page` from
the button. `web, each customer` is the processor's time that the web processes spent on one. Under each server: its
processes' shares of a core, and their memory. `load` is what making the load took from the two cores, `others` what
else ran on the machine. PostgreSQL syncs every commit to the disk.

{chr(10).join(curve(one) + chr(10) for one in curves)}"""


def of_sockets(found: Sockets) -> str:
    memory = max(found.idle.mb, found.moving.mb)
    rows = (
        ("memory of the web process", f"{memory:.0f} MB", f"under {MOST_MB} MB", verdict(memory < MOST_MB)),
        ("push, p95", f"{found.push_ms:.0f} ms", f"under {PUSH_MS} ms", verdict(found.push_ms < PUSH_MS)),
        ("errors", str(found.errors), "none", verdict(not found.errors)),
    )
    return f"""{found.pages:,} customers wait, each with a WebSocket, opened {A_SECOND} a second and compressed as
browsers do. `others` took {found.others:.0%} of a core meanwhile.

{table(("one web process, PostgreSQL", "measured", "bar", ""), rows)}

{sockets(found)}
"""


def of_growth(grown: Sequence[Growth]) -> str:
    return f"""{past.DAYS} days with so many customers a day, evenly spread; then one customer after the other, in turns
on both, and pages in between. The bar: half of them take at most {MOST} times as long.

{chr(10).join(growth(one) + chr(10) for one in grown)}"""


SECTIONS = {"curve": of_curves, "sockets": of_sockets, "growth": of_growth}


def page(before: str, measured: Mapping[str, str]) -> str:
    """`before` with the sections that were measured in place of theirs."""
    head, *sections = re.split(r"^## ", before or HEAD, flags=re.M)
    texts = dict(section.split("\n", 1) for section in sections)
    for part, text in measured.items():
        texts[HEADINGS[part]] = f"\n{machine()}\n\n{text.rstrip()}\n\n"
    order = [*HEADINGS.values(), *texts]
    ordered = dict.fromkeys(heading for heading in order if heading in texts)
    return (head + "".join(f"## {heading}\n{texts[heading]}" for heading in ordered)).rstrip() + "\n"


HEAD = """# Load

The sections that name a machine are what `make load` measured and wrote: do not edit those. All of it runs on one
machine: the load beside the servers, PostgreSQL and Redis.

"""
