"""What must be true when all customers are gone, whatever was killed meanwhile: asked of the rows themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from tests.cluster.hosts import Cluster, Host
from tests.cluster.trial import CLAIMED, OPEN, Outcome

OURS = "(?:customers_|queue_|support_|webrtc_connection_|connection_reports_)"
BUFFER_S = 2  # what a process has not written yet when it is killed: one buffer's second, and the write itself
TAKEOVER_S = 10
START_MS = 100

WAITING = "SELECT count(*) FROM sessions_app_queueentry WHERE left_at IS NULL"
ENTRIES = "SELECT count(*) FROM sessions_app_queueentry"
JOINED = "SELECT count(*) FROM sessions_app_supportsession WHERE NOT synthetic AND NOT callback"
SIMULATED = f"{JOINED} AND name NOT LIKE 'Probe %'"
PROBES = "SELECT name, count(*) FROM sessions_app_supportsession WHERE name LIKE 'Probe %' GROUP BY name"
# Each change of a session is audited in its own transaction: both must tell the same story.
BY_SESSION = """
WITH said AS (
  SELECT substring(target FROM 9)::uuid AS id, count(*) FILTER (WHERE action = 'claim') AS claims,
         count(*) FILTER (WHERE action = 'requeue') AS requeues, count(*) FILTER (WHERE action = 'end') AS ends
  FROM monitoring_auditentry WHERE target LIKE 'session %' GROUP BY target
), stays AS (
  SELECT session_id AS id, count(*) AS entries, count(*) FILTER (WHERE departure = 'claimed') AS claimed
  FROM sessions_app_queueentry GROUP BY session_id
)
SELECT count(*) FROM sessions_app_supportsession session LEFT JOIN stays USING (id) LEFT JOIN said USING (id)
WHERE coalesce(claims, 0) <> coalesce(claimed, 0)
   OR coalesce(entries, 0) <> 1 + coalesce(requeues, 0)
   OR coalesce(ends, 0) > 1
   OR (coalesce(ends, 0) = 1 AND state <> 'ended')
   OR ended_at IS NULL
"""
ENDED = "SELECT count(*) FROM monitoring_auditentry WHERE action = 'end'"
# Nobody is with two customers at a time, and no customer with two of the staff.
AT_ONCE = """
SELECT count(*) FROM sessions_app_staffperiod a JOIN sessions_app_staffperiod b
  ON a.id < b.id AND a.state = 'in_call' AND b.state = 'in_call'
 AND (a.session_id = b.session_id OR a.staff_id = b.staff_id)
 AND a.began_at < coalesce(b.ended_at, 'infinity') AND b.began_at < coalesce(a.ended_at, 'infinity')
"""
# Of each minute, the tasks that a schedule made: retries keep their task, and commands are no workers.
FIRED = """
SELECT name, date_trunc('minute', enqueued_at), count(DISTINCT task_id) FROM monitoring_jobrun
WHERE source = 'worker' AND attempt = 1 AND name IN ('queue_sweep', 'turn_upkeep', 'desk_hours', 'session_cleanup')
GROUP BY 1, 2 ORDER BY 2
"""
UNFINISHED = "SELECT count(*) FROM django_q_ormq"


@dataclass(frozen=True)
class Finding:
    what: str
    found: str
    holds: bool


def findings(there: Cluster, outcome: Outcome) -> Iterator[Finding]:
    yield from _customers(there, outcome)
    yield from _staff(there, outcome)
    yield from _figures(there, outcome)
    yield from _jobs(there, outcome)


def _customers(there: Cluster, outcome: Outcome) -> Iterator[Finding]:
    counted, rows = outcome.simulated, there.number(SIMULATED)
    joined, unsure = counted["joined"], counted["unsure"]
    yield Finding(
        "simulated customers: told that they joined, and rows",
        f"{joined} and {rows}" + (f", {unsure} answers lost" if unsure else ""),
        0 <= rows - joined <= unsure,
    )
    gone = sum(counted[name] for name in ("served", "unanswered", "left", "vanished", "dropped"))
    how = ", ".join(f"{counted[name]} {name}" for name in ("served", "left", "vanished", "unanswered", "dropped"))
    yield Finding("each of them was served or gone, once", how, gone == joined and not counted["errors"])
    yield Finding("given up by the desk though their page was there", *_none(counted["dropped"]))
    probes = dict(there.rows(PROBES))
    missing = [name for name in outcome.joins.told if probes.get(name) != 1]
    stray = [name for name in probes if name not in {*outcome.joins.told, *outcome.joins.unsure}]
    yield Finding(
        "probes: told that they joined, and rows",
        f"{len(outcome.joins.told)} and {sum(probes.values())}, {len(outcome.joins.unsure)} answers lost",
        not missing and not stray and set(probes.values()) == {1},
    )
    left = there.number(OPEN), there.number(WAITING)
    yield Finding("sessions and queue entries still open", f"{left[0]} and {left[1]}", left == (0, 0))


def _staff(there: Cluster, outcome: Outcome) -> Iterator[Finding]:
    odd = there.number(BY_SESSION)
    stays, claims = there.number(ENTRIES), there.number(CLAIMED)
    yield Finding(
        "sessions whose stays, claims and end are not those that were audited",
        f"{odd} ({stays} stays, {claims} claims)",
        not odd,
    )
    ended = there.number(ENDED)
    yield Finding(
        "ended by staff: their clients' count and the audit's",
        f"{outcome.simulated['ended by staff']} and {ended}",
        outcome.simulated["ended by staff"] == ended,
    )
    yield Finding("customers with two of the staff, or staff with two customers", *_none(there.number(AT_ONCE)))


def _figures(there: Cluster, outcome: Outcome) -> Iterator[Finding]:
    proof = there.hosts[1].server.manage("rebuild_rollups", "--verify", "--verbosity=0")
    yield Finding("`rebuild_rollups --verify`", (proof.stdout + proof.stderr).strip(), proof.returncode == 0)
    one, two = (_samples(host) for host in there.hosts)
    same = sum(one[name] == two.get(name) for name in one)
    yield Finding(
        "the desk's series in `/metrics`, the same on both hosts", f"{same} of {len(one)}", same == len(one) > 20
    )
    for counter, rows, since in (
        ("customers_joined_total", JOINED, "SELECT count(*) FROM sessions_app_supportsession WHERE joined_at"),
        ("queue_wait_time_count", CLAIMED, "SELECT count(*) FROM sessions_app_queueentry WHERE left_at"),
    ):
        counted, held = int(two[counter]), there.number(rows)
        lost = held - counted
        within = [f"BETWEEN to_timestamp({at - BUFFER_S}) AND to_timestamp({at})" for at in outcome.kills]
        bound = sum(there.number(f"{since} {moment}") for moment in within)
        yield Finding(
            f"`{counter}` and rows",
            f"{counted} and {held}: {lost} lost, of {bound} in the last {BUFFER_S} s before a kill",
            0 <= lost <= bound,
        )
    rounds = ", ".join(f"{takeover:.1f}" for takeover in outcome.takeovers_s)
    yield Finding(
        "from each kill to the next round of compaction", f"{rounds} s", max(outcome.takeovers_s) <= TAKEOVER_S
    )


def _jobs(there: Cluster, outcome: Outcome) -> Iterator[Finding]:
    fired = there.rows(FIRED)
    doubled = [f"{name} at {slot:%H:%M}" for name, slot, tasks in fired if tasks > 1]
    sweeps = [slot for name, slot, _ in fired if name == "queue_sweep"]
    minutes = round((sweeps[-1] - sweeps[0]).total_seconds() / 60) + 1 if sweeps else 0
    yield Finding(
        "schedules: slots that fired, and those that fired twice",
        f"{len(fired)} ({len(sweeps)} of {minutes} minutes), {len(doubled)}",
        not doubled and len(sweeps) == minutes,
    )
    yield Finding("jobs that never ran", *_none(outcome.never_ran))
    yield Finding("jobs left in the queue", *_none(there.number(UNFINISHED)))
    yield Finding(
        "from enqueuing a job to its start on the other host, median",
        f"{outcome.elsewhere_ms:.0f} ms of {outcome.elsewhere}",
        outcome.elsewhere_ms <= START_MS,
    )


def _none(number: int) -> tuple[str, bool]:
    return str(number), not number


def _samples(host: Host) -> dict[str, float]:
    """What `/metrics` of a host tells of the desk; nothing of it changes while nobody is there."""
    text = httpx.get(f"{host.server.url}/metrics", trust_env=False, timeout=20).text
    return {name: float(value) for name, value in re.findall(rf"^({OURS}\S*) (\S+)$", text, re.M)}
