"""The alerts page as people use it: read in every width and both themes, and acted upon by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser import rules
from tests.browser.pages import PAGES

# Two that fire, one of them silenced, one that is over; and channels that work and fail. Told as a rule would tell it.
PLANTED = """
from datetime import timedelta
from django.utils.timezone import now
from monitoring.alert_models import Alert, Delivery, Silence
at, minute = now(), timedelta(minutes=1)
def alert(subject, **told):
    told = dict(rule="job_failing", kind="job_failing", level="bad", state="firing", value=4, threshold=3,
                since=at - 20 * minute, fired_at=at - 20 * minute, detail={"link": "panel:jobs"}) | told
    return Alert.objects.create(subject=subject, **told)
alert("planted_mail", notified_at=at - 19 * minute)
alert("planted_sweep", acknowledged_at=at, note="The disk is being replaced, until about noon; see ticket 4711.")
alert("planted_report", state="resolved", resolved_at=at - 5 * minute)
Silence.objects.create(rule="", subject="planted_sw*", until=at + 60 * minute, reason="planned work", made_at=at)
for channel, state, said in (("email", "sent", ""), ("webhook", "failed", "status: 502")):
    Delivery.objects.create(event="test", channel=channel, state=state, said=said, made_at=at, due_at=at, tried_at=at)
"""
MORE = """
from django.utils.timezone import now
from monitoring.alert_models import Alert
Alert.objects.create(rule="job_failing", kind="job_failing", level="bad", state="firing", value=4, threshold=3,
                     since=now(), fired_at=now(), detail={"link": "panel:jobs"}, subject="planted_late")
Alert.objects.filter(subject="planted_mail").update(state="resolved", resolved_at=now())
"""
TIDY = """
from monitoring.alert_models import Alert, Delivery, Silence
Alert.objects.filter(subject__startswith="planted").delete()
Silence.objects.all().delete()
Delivery.objects.filter(event="test").delete()
"""


@pytest.fixture
def alerts(server, people):
    def told(code: str) -> None:
        done = server.manage("shell", "-c", code)
        assert done.returncode == 0, done.stderr

    told(PLANTED)
    page = people.staff(viewport={"width": 1280, "height": 900})
    page.goto(PAGES["alerts"])
    yield page
    told(TIDY)


def test_alerts_break_no_rule_of_axe_and_fit_every_width(alerts):
    alerts.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    rules.fits_every_width(alerts)
    rules.keeps_all_in_either_theme(alerts)


def test_what_begins_to_fire_shows_without_a_reload_and_a_form_that_is_open_stands_still(alerts, server):
    expect(alerts.locator("#live")).to_have_text("live")
    alerts.locator("summary", has_text="Silence alerts, as before planned work").click()
    reason = alerts.locator("#silences-fresh [name=reason]")
    reason.fill("a new mail server")
    done = server.manage("shell", "-c", MORE)
    assert done.returncode == 0, done.stderr
    expect(alerts.locator("article", has_text="planted_late")).to_be_visible(timeout=30_000)
    expect(alerts.locator("#history-fresh")).to_contain_text("planted_mail")
    expect(alerts.locator("article", has_text="planted_mail")).to_have_count(0)
    expect(reason).to_have_value("a new mail server")


def test_an_alert_is_acknowledged_and_silenced_by_keyboard_alone(alerts):
    alerts.keyboard.press("g")
    alerts.keyboard.press("a")
    planted = alerts.locator("article", has_text="planted_mail")
    expect(planted).to_be_visible()
    alerts.keyboard.press("j")
    while not planted.evaluate("(one) => one.contains(document.activeElement)"):
        alerts.keyboard.press("j")
    summary = planted.locator("summary", has_text="Acknowledge")
    while not summary.evaluate("(one) => one === document.activeElement"):
        alerts.keyboard.press("Tab")
    alerts.keyboard.press("Enter")
    alerts.keyboard.press("Tab")
    alerts.keyboard.type("I am on it.")
    alerts.keyboard.press("Enter")
    expect(alerts.get_by_text("Acknowledged: nobody is reminded of it any more")).to_be_visible()
    expect(planted).to_contain_text("Note: I am on it.")
    planted.locator("summary", has_text="Silence").press("Enter")
    alerts.keyboard.press("Tab")
    alerts.keyboard.type("4")  # hours
    alerts.keyboard.press("Tab")
    alerts.keyboard.type("a new mail server")
    alerts.keyboard.press("Enter")
    expect(alerts.get_by_text("Silenced: such alerts still show here")).to_be_visible()
    expect(planted).to_contain_text("Silenced until")
