"""The settings of an installation whose alerts are soon over, for tests that cannot wait for minutes."""

from adminara import settings

globals().update({name: getattr(settings, name) for name in dir(settings) if name.isupper()})

ALERT_LOOK_S = 2
ALERT_RULES = [
    {"name": "job_failing", "kind": "job_failing", "times": 3, "keep_s": 1, "link": "panel:jobs"},
    {"name": "worker_gone", "kind": "process_gone", "role": "worker", "keep_s": 1, "link": "panel:processes"},
]
