"""What the desk has the overview say of its settings."""

import pytest
from django.utils.timezone import now

from monitoring import Verdict, register_verdicts, verdict
from monitoring.guard import guard
from monitoring.panel.overview import overview
from monitoring.panel.verdicts import verdicts
from sessions_app.verdicts import missing_servers
from tests.telemetry import make_process

STUN, TURN = ["stun:stun.example.org"], ["turn:turn.example.org"]


@pytest.mark.parametrize(
    ("stun", "turn", "said"),
    [
        ([], [], "No STUN or TURN server is configured: calls work on one network only. Set STUN_URLS and TURN_URLS"),
        (STUN, [], "No TURN server is configured: calls fail where only a relay gets through. Set TURN_URLS."),
        ([], TURN, ""),
        (STUN, TURN, ""),
    ],
)
def test_what_calls_lack_is_named_with_what_to_set(settings, stun, turn, said):
    settings.STUN_URLS, settings.TURN_URLS = stun, turn
    told = list(missing_servers())
    assert " ".join(f"{one.text} {one.remedy}" for one in told).startswith(said)
    assert bool(said) == bool(told)


@pytest.mark.django_db
def test_the_overview_says_it_below_its_verdict_without_changing_that(settings, admin_client):
    settings.STUN_URLS = settings.TURN_URLS = []
    make_process(at=now())
    first, note = verdicts(overview(now()))
    assert (first.level, note.level) == ("good", "note")
    page = admin_client.get("/admin/monitoring/panel/").content.decode()
    assert page.index("All is well") < page.index(note.text)
    settings.TURN_URLS = TURN
    assert note.text not in admin_client.get("/admin/monitoring/panel/").content.decode()


def test_one_that_fails_does_not_silence_the_others(monkeypatch):
    monkeypatch.setattr(verdict, "rules", [])
    guard.strict = False
    well = Verdict("note", "Well.")
    for rule in (lambda _now: 1 / 0, lambda _now: [well]):
        register_verdicts(rule)
        register_verdicts(rule)
    assert verdict.others(now()) == [well]
    assert guard.failures == {"reading verdicts": 1}
