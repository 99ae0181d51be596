"""docs/load.md: what was measured, above what was written by hand, which stays."""

from collections.abc import Sequence
from pathlib import Path

from tests.benchmark.report import machine
from tests.load import past
from tests.load.curve import Curve
from tests.load.growth import MOST, Growth, Step
from tests.load.rounds import DRAIN_S, KEEPS_UP, MEASURED_S, PUSH_MS, WARM_S, Round
from tests.load.sockets import A_SECOND, MOST_MB, Sockets
from tests.load.usage import Used

BY_HAND = "## What ten and a hundred times that takes"
LEAST = 100  # joins and claims a second, with PostgreSQL on two cores
HOUR, DAY = 3600, 86_400
VERDICTS = {True: "met", False: "**missed**"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def bars(curves: Sequence[Curve], sockets: Sockets) -> str:
    """The bars on two cores, with the load beside the servers."""
    best = max((one for one in curves if one.database == "PostgreSQL"), key=held)
    found, rate = best.best, held(best)
    push_ms = found.push_ms if found else float("nan")
    errors = sum(one.errors.total() for curve in curves for one in curve.rounds)
    return table(
        ("what", "measured", "bar", ""),
        (
            (
                "joins and claims a second with PostgreSQL",
                f"{rate:.0f} ({best.name})",
                f"{LEAST}",
                verdict(rate >= LEAST),
            ),
            ("push at that rate, p95", f"{push_ms:.0f} ms", f"under {PUSH_MS} ms", verdict(push_ms < PUSH_MS)),
            ("errors, also beyond what it bears", str(errors), "none", verdict(not errors)),
            (
                f"memory of the web process with {sockets.pages:,} open WebSockets",
                f"{sockets.idle.mb:.0f} MB, {sockets.moving.mb:.0f} MB while the queue moves",
                f"under {MOST_MB} MB",
                verdict(max(sockets.idle.mb, sockets.moving.mb) < MOST_MB),
            ),
            (
                "push to who is claimed among them, p95",
                f"{sockets.push_ms:.0f} ms",
                f"under {PUSH_MS} ms",
                verdict(sockets.push_ms < PUSH_MS),
            ),
        ),
    )


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


def page(curves: Sequence[Curve], waiting: Sockets, grown: Sequence[Growth], seconds: float, path: Path) -> str:
    before = path.read_text() if path.exists() else ""
    by_hand = before[before.index(BY_HAND) :] if BY_HAND in before else f"{BY_HAND}\n"
    return f"""# Load

What `make load` wrote, down to "{BY_HAND.removeprefix("## ")}", which is written by hand.

{machine()}

The load is made beside the servers, on the same cores; the column `load` is what it took from them. PostgreSQL and
Redis are its own, on this machine, and PostgreSQL syncs every commit to the disk.

{bars(curves, waiting)}

## More and more customers

A customer loads the form, joins with its CSRF token, opens the page and its WebSocket, waits, hears of the claim,
answers it, and stays until the session is ended. Staff, who are logged in, take who is next as soon as a page waits,
talk for half a second, and end the session. All pages give a sign of life every five seconds. A round warms up for
{WARM_S:.0f} s and is measured for {MEASURED_S:.0f} s; then everybody has {DRAIN_S:.0f} s to go. A bar breaks by an
error, by less than {KEEPS_UP:.0%} of what was offered, or by a push over {PUSH_MS} ms.

Times are 95th percentiles: `push` from the answer to the claim until the customer's page hears, `press to page` from
the button. `web, each customer` is the processor's time that the web processes spent on one. Under each server: its
processes' shares of a core, and their memory; `others` is what else ran on the machine and took from what is measured.

{chr(10).join(curve(one) + chr(10) for one in curves)}
## {waiting.pages:,} open pages

Customers who wait, opened {A_SECOND} a second, compressed as browsers ask for.

{sockets(waiting)}

## A month of few, a month of many

{past.DAYS} days with so many customers a day, evenly spread; then one customer after the other, in turns on both, and
pages in between. Held: half of them at most {MOST} times as long.

{chr(10).join(growth(one) + chr(10) for one in grown)}
It took {seconds / 60:.0f} minutes.

{by_hand}"""
