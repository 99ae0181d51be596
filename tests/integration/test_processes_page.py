"""The processes page: who lives, who died, what each lost, and what the doctor says of it."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from monitoring.models import Delta, Figures, Series
from monitoring.store.fold import OTHER
from monitoring.store.histogram import Histogram
from tests.factories import make_staff
from tests.telemetry import make_process
from tests.web import text

pytestmark = pytest.mark.django_db
PAGE = "/admin/monitoring/panel/processes/"


@pytest.fixture
def staff(client):
    client.force_login(make_staff("ana", "monitoring.view_panel"))
    return client


def test_every_process_is_listed_with_what_it_lost(staff):
    moment = now()
    make_process("web", moment, active_spans=2, behind_s=1.5, buffered=7, memory_bytes=80 << 20, cpu_share=0.25)
    make_process("worker", moment, active_spans=3, shed=1200, refused={"duration": 4, "label": 1}, failures=2)
    make_process("metrics", moment - timedelta(minutes=5), active_spans=9)
    make_process("command", moment - timedelta(hours=2), ended=True)
    make_process("scheduler", moment - timedelta(days=2))
    page = text(staff.get(PAGE))
    assert re.search(r"web 1 here ✓ living \S+ \S+ UTC \S+ \S+ UTC 80 MB 25 % 1.50 s 7 2 0 0 0 ", page)
    assert re.search(r"worker 1 here ✓ living .* 3 ! 1,200 duration 4, label 1 ! 2 ", page)
    assert re.search(r"metrics 1 here ✕ died .* command 1 here ended", page)
    assert "scheduler" not in page
    assert "2 living 5 spans open in them" in page


def test_what_a_process_takes_of_the_machine_is_told_and_drawn(staff):
    make_process("web", now(), memory_bytes=90 << 20, memory_by_minute=[70 << 20, 80 << 20, 90 << 20])
    make_process("worker", now() - timedelta(hours=1), ended=True, memory_by_minute=[70 << 20])
    page = staff.get(PAGE).content.decode()
    assert page.count('class="sparkline"') == 1, "of the living"
    assert "Each minute of the last hour: from 70 MB to 90 MB" in page
    (web, _worker) = staff.get(PAGE, {"format": "json"}).json()["processes"]
    assert (web["memory_mb"], web["memory_mb_by_minute"]) == (90, [70, 80, 90])


def test_the_doctor_speaks_at_the_top(staff):
    assert "✕ No process is running, so nothing is recorded. Start them: make run" in text(staff.get(PAGE))
    make_process("web", now())
    assert "✓ Telemetry is well" in text(staff.get(PAGE))
    once = Histogram()
    once.count = 7
    other = Series.objects.create(kind="span", name=OTHER)
    Delta.objects.create(series=other, bucket=now().timestamp(), writer="w", seq=1, **Figures.columns(once))
    assert "7 records are counted under __other__." in text(staff.get(PAGE))


def test_its_json_carries_the_pages_numbers(staff):
    make_process("web", now(), active_spans=2, shed=1)
    told = staff.get(PAGE, {"format": "json"}).json()
    assert [finding["level"] for finding in told["findings"]] == ["warn"]
    assert told["findings"][0]["text"] in text(staff.get(PAGE))
    assert (told["active_spans"], told["processes"][0]["shed"], told["series"]["cap"]) == (2, 1, 2000)


def test_it_is_reached_from_the_panels_other_pages(staff):
    assert f'href="{PAGE}"' in staff.get("/admin/monitoring/panel/jobs/").content.decode()
    assert re.search(r'href="[^"]+/processes/" aria-current="page"', staff.get(PAGE).content.decode())
