"""Which rules raise an alert. `kind` says what is looked at (monitoring.alerting.kinds); all times are in seconds.

Each may say for how long it must be bad before it fires (`hold_s`), for how long fine before it is over (`keep_s`, five
minutes), and how often people are told at most while nobody acknowledges it (`cooldown_s`, four hours).
"""

from typing import Any

from adminara.marking import marked as _


def alert_rules(*, requests: float, requests_ms: int, answer_s: int) -> list[dict[str, Any]]:
    """The table, with the objective of web requests and the target for answering customers filled in."""
    return [
        {
            "name": "requests",
            "kind": "burn_rate",
            "what": _("Web requests"),
            "series": ("GET *", "POST *"),
            "objective": requests,
            "within_ms": requests_ms,
            # Two per cent of a month's budget in an hour, or five in six hours; over both windows of a pair.
            "pairs": ((3600, 300, 14.4), (21_600, 1800, 6.0)),
            "cooldown_s": 3600,
            "link": "panel:bottlenecks",
            "query": "window=1h",
        },
        {
            "name": "queue_wait",
            "kind": "above",
            "what": _("The longest wait in the queue"),
            "gauge": "queue_longest_wait_seconds",
            "limit": 6 * answer_s,
            "hold_s": 60,
            "keep_s": 120,
            "cooldown_s": 1800,
            "level": "warn",
            "link": "desk:console",
        },
        {"name": "job_failing", "kind": "job_failing", "times": 3, "link": "panel:jobs"},
        {"name": "worker_gone", "kind": "process_gone", "role": "worker", "hold_s": 60, "link": "panel:processes"},
        {"name": "web_gone", "kind": "process_gone", "role": "web", "hold_s": 60, "link": "panel:processes"},
        {
            "name": "telemetry_shed",
            "kind": "telemetry_shed",
            "within_s": 600,
            "level": "warn",
            "link": "panel:processes",
        },
    ]
