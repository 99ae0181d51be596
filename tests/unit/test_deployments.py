"""Which version went live when: noted by a command, shown with the figures."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from monitoring.deployments import MOST, between, mark
from monitoring.models import Deploy
from monitoring.panel.bottlenecks import bottlenecks
from monitoring.panel.overview import overview

pytestmark = pytest.mark.django_db


def test_a_version_is_marked_and_told(capsys):
    call_command("mark_deploy", " 1.4.2 ", "--at=2026-01-24T09:30:00+02:00")
    deploy = Deploy.objects.get()
    assert (deploy.version, deploy.at) == ("1.4.2", datetime(2026, 1, 24, 7, 30, tzinfo=UTC))
    assert capsys.readouterr().out == "Deployed 1.4.2 at 2026-01-24 07:30:00 UTC.\n"


def test_without_a_time_it_is_now_and_a_time_without_an_offset_is_in_the_settings_time_zone(settings):
    before = now() - timedelta(seconds=1)
    call_command("mark_deploy", "1")
    assert before <= Deploy.objects.get().at <= now()
    settings.TIME_ZONE = "Europe/Istanbul"
    call_command("mark_deploy", "2", "--at=2026-01-24T09:30")
    assert Deploy.objects.get(version="2").at == datetime(2026, 1, 24, 6, 30, tzinfo=UTC)


def test_several_machines_that_say_it_within_a_second_say_it_once():
    at = datetime(2026, 1, 24, 9, 30, 0, 100_000, tzinfo=UTC)
    for version, moment in (
        ("1", at),
        ("1", at + timedelta(milliseconds=800)),
        ("2", at),
        ("1", at + timedelta(seconds=1)),
    ):
        mark(version, moment)
    assert Deploy.objects.count() == 3


@pytest.mark.parametrize("version", ["", " ", "x" * 101, "1.4\n2", "1.4\x1b[2J", "1\u202e2"])
def test_a_version_that_cannot_be_shown_is_refused(version):
    with pytest.raises(CommandError, match=r"^version="):
        call_command("mark_deploy", version)
    assert not Deploy.objects.exists()


@pytest.mark.parametrize("at", ["soon", "2026-02-30T10:00", "9000-01-01T00:00"])
def test_a_time_that_cannot_be_used_is_refused(at):
    with pytest.raises(CommandError, match=at):
        call_command("mark_deploy", "1.4.2", f"--at={at}")
    assert not Deploy.objects.exists()


def test_the_newest_of_many_are_shown_the_oldest_first():
    at = datetime(2026, 1, 24, tzinfo=UTC)
    for number in range(MOST + 5):
        mark(str(number), at + timedelta(minutes=number))
    shown = between(at.timestamp(), at.timestamp() + 86_400)
    assert [one.version for one in shown] == [str(number) for number in range(5, MOST + 5)]
    assert [one.at for one in between(at.timestamp(), at.timestamp())] == [at.timestamp()]


def test_a_report_carries_those_of_its_window_and_of_the_period_before():
    for hours in (0.5, 1.5, 2.5):
        mark(f"{hours}", now() - timedelta(hours=hours))
    assert [one.version for one in bottlenecks("1h").deployments] == ["1.5", "0.5"]
    assert json.loads(json.dumps(bottlenecks("1h").as_json()))["deployments"][1]["version"] == "0.5"


def test_the_overview_marks_where_in_the_hour_a_version_went_live():
    moment = datetime(2026, 1, 24, 12, 0, 30, tzinfo=UTC)
    for minutes in (0, 60, 61):
        mark(f"{minutes}", moment - timedelta(minutes=minutes))
    taken = overview(moment)
    assert [one.version for one in taken.deployments] == ["60", "0"]
    assert taken.marks == [0, 1]
