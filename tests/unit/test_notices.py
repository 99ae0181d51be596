"""What the desk has the overview say of its settings."""

import pytest
from django.utils.timezone import now

from monitoring import notices, register_notices
from monitoring.guard import guard
from monitoring.panel.overview import snapshot
from monitoring.panel.verdicts import verdicts
from sessions_app.notices import missing_servers
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
    assert " ".join(missing_servers()).startswith(said)
    assert bool(said) == bool(list(missing_servers()))


@pytest.mark.django_db
def test_the_overview_says_it_below_its_verdict_without_changing_that(settings, admin_client):
    settings.STUN_URLS = settings.TURN_URLS = []
    make_process(at=now())
    verdict, note = verdicts(snapshot(now()))
    assert (verdict.level, note.level) == ("good", "note")
    page = admin_client.get("/admin/monitoring/panel/").content.decode()
    assert page.index("All is well") < page.index(note.text)
    settings.TURN_URLS = TURN
    assert note.text not in admin_client.get("/admin/monitoring/panel/").content.decode()


def test_one_that_fails_does_not_silence_the_others(monkeypatch):
    monkeypatch.setattr(notices, "readers", [])
    guard.strict = False
    for reader in (lambda: 1 / 0, lambda: ["Well."]):
        register_notices(reader)
        register_notices(reader)
    assert notices.notices() == ["Well."]
    assert guard.failures == {"reading notices": 1}
