"""Who visited is forgotten, what they did stays, and what got anywhere else is found."""

import random
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage

from monitoring.models import AuditEntry, JobRun, Series, Span
from sessions_app import anonymizing
from sessions_app.leftovers import PERSONAL, identifying
from sessions_app.models import SupportSession
from tests.factories import NOON, make_customer, make_ended, make_staff

pytestmark = pytest.mark.django_db
LATE = NOON + timedelta(days=91)
TRACE = "ab" * 16
SAID = {
    "name": "Ümit Çağlar",
    "topic": "It does not print",
    "note": "Called from 203.0.113.77 twice",
    "contact": "0212 555 12 34",
    "message": "Write to umit@example.com please",
}


@pytest.fixture
def ana():
    return make_staff("ana")


@pytest.fixture
def umit(ana):
    """A visit that is due, and said all that can be said."""
    return written(make_ended(ana), **SAID)


def written(session, **words):
    SupportSession.objects.filter(pk=session.pk).update(**{"trace_id": TRACE, **words})
    return fresh(session)


def fresh(session):
    return SupportSession.objects.get(pk=session.pk)


def said_by(session):
    return {field: getattr(fresh(session), field) for field in PERSONAL}


def audited(session, **detail):
    return AuditEntry.objects.create(
        at=NOON, actor_name="ana", action="end", target=f"session {session.pk}", detail=detail
    )


def ran(**fields):
    given = {"id": "1" * 32, "task_id": "2" * 32, "name": "job", "func": "a.job", "source": "worker", "writer": "w"}
    return JobRun.objects.create(**given, status="success", enqueued_at=NOON, started_at=NOON, **fields)


def spanned(**fields):
    given = {"trace_id": TRACE, "span_id": "3" * 16, "name": "desk.join", "kind": "internal", "service": "adminara"}
    return Span.objects.create(**{**given, "started_at": NOON, "duration_ms": 1, "status": "ok", **fields})


def logged(**fields):
    kind = ContentType.objects.get_for_model(SupportSession)
    return LogEntry.objects.create(user=make_staff("bo"), content_type=kind, action_flag=2, **fields)


def tasked(**fields):
    return Task.objects.create(id="4" * 32, name="job", func="a.job", started=NOON, stopped=NOON, **fields)


def queued(*args):
    package = {"id": "5" * 32, "name": "job", "func": "a.job", "args": args, "kwargs": {}}
    return OrmQ.objects.create(key="adminara", payload=SignedPackage.dumps(package), lock=NOON)


def test_old_visits_lose_their_words_and_keep_their_figures(ana, umit):
    waiting = make_customer("Bea")
    assert anonymizing.anonymize(LATE) == anonymizing.Done(cleared=1, remaining=0)
    assert said_by(umit) == dict.fromkeys(PERSONAL, "")
    old = fresh(umit)
    assert (old.outcome, old.staff, old.anonymized_at) == ("resolved", ana, LATE)
    assert old.ended_at - old.claimed_at == timedelta(minutes=5)
    assert fresh(waiting).name == "Bea"
    assert anonymizing.anonymize(LATE).cleared == 0


def test_the_time_is_counted_from_the_end(ana, settings):
    settings.ANONYMIZE_AFTER_DAYS = 1
    ended = make_ended(ana)
    assert anonymizing.anonymize(ended.ended_at + timedelta(hours=23)).cleared == 0
    assert anonymizing.anonymize(ended.ended_at + timedelta(hours=24)).cleared == 1


PLANTED = {
    "monitoring_auditentry.detail": lambda session: audited(session, reason="Ümit Çağlar rang"),
    "monitoring_auditentry.target": lambda _: AuditEntry.objects.create(at=NOON, target="0212-555-12-34", action="x"),
    "monitoring_jobrun.args": lambda _: ran(args='["\\u00dcmit \\u00c7a\\u011flar"]'),
    "monitoring_jobrun.outcome": lambda _: ran(outcome="Mailed umit@example.com."),
    "monitoring_series.labels": lambda _: Series.objects.create(kind="c", name="n", labels='[["ip","203.0.113.77"]]'),
    "monitoring_series.name": lambda _: Series.objects.create(kind="c", name="mails to umit@example.com"),
    "monitoring_span.attributes": lambda _: spanned(attributes={"said": "it does. It does not print!"}),
    "monitoring_span.events": lambda _: spanned(events=[{"attributes": {"exception.message": "Ümit Çağlar"}}]),
    "monitoring_span.status_message": lambda _: spanned(status_message="nobody at umit@example.com"),
    "monitoring_span.name": lambda _: spanned(name="call 0212 555 12 34"),
    "django_admin_log.object_repr": lambda _: logged(object_repr="Ümit Çağlar"),
    "django_admin_log.change_message": lambda session: logged(
        object_id=str(session.pk), object_repr="-", change_message='[{"changed": "It does not print"}]'
    ),
    "django_q_task.args": lambda _: tasked(args=("umit@example.com",)),
    "django_q_task.kwargs": lambda _: tasked(kwargs={"to": {"name": "Ümit Çağlar"}}),
    "django_q_task.result": lambda _: tasked(result="Rang 0212 555 12 34"),
    "django_q_ormq.payload": lambda _: queued("Ümit Çağlar"),
}


@pytest.mark.parametrize("place", PLANTED)
def test_what_was_left_elsewhere_is_found_and_told_without_its_words(umit, ana, place):
    other = written(make_ended(ana), name="Eva Nova", trace_id="")
    left = PLANTED[place](umit)
    with pytest.raises(anonymizing.LeftBehind) as told:
        anonymizing.anonymize(LATE)
    assert f"{place} (row {left.pk})" in str(told.value)
    assert "1 others were anonymised" in str(told.value)
    for words in ("Ümit", "umit", "0212", "203.0", "print"):
        assert words not in str(told.value)
    assert said_by(umit) == SAID  # by which the rest can be found again
    assert fresh(umit).anonymized_at is None
    assert fresh(other).anonymized_at == LATE
    left.delete()
    assert anonymizing.anonymize(LATE).cleared == 1


@pytest.mark.parametrize(
    "attributes",
    [
        {"peer": "198.51.100.4"},
        {"peer": "2001:db8:1:2::3"},
        {"to": "somebody@example.com"},
        {"peers": ["10.1.2.3", 4]},
    ],
)
def test_any_address_in_the_visits_own_rows_is_one_too_many(umit, attributes):
    span = spanned(attributes=attributes)
    with pytest.raises(anonymizing.LeftBehind, match=rf"monitoring_span.attributes \(row {span.pk}\)"):
        anonymizing.anonymize(LATE)


def test_what_tells_nothing_of_the_customer_is_not_taken_for_them(ana, settings):
    settings.ALLOWED_HOSTS = ["198.51.100.1"]
    cy = written(make_ended(ana), name="Cy", topic="printer", note="", contact="phone")
    eva = written(make_ended(make_staff("eva", first_name="Eva", last_name="Nova")), name="Eva Nova", trace_id="")
    browser = "Mozilla/5.0 (X11) Chrome/138.0.0.0 Old/83.0.103.61"
    spanned(attributes={"server.address": "10.0.0.5", "user_agent.original": browser, "host": "198.51.100.1", "n": 1})
    spanned(span_id="4" * 16, attributes={"at": "12:30:45", "net": "203.0.113.0", "here": "127.0.0.1", "v": "1.2.3"})
    spanned(span_id="5" * 16, trace_id="cd" * 16, attributes={"peer": "198.51.100.4", "name": "Cy"})  # of another trace
    audited(cy, outcome="Cyprus", staff="Eva Nova")
    AuditEntry.objects.create(at=NOON, target="user Cy", action="set_password", detail={"printer": "phone"})
    assert anonymizing.anonymize(LATE).cleared == 2
    assert fresh(eva).name == ""


def test_a_name_of_one_word_is_found_where_the_visit_is_spoken_of(ana):
    cy = make_ended(ana)
    audited(cy, who="Cy")
    with pytest.raises(anonymizing.LeftBehind, match=r"monitoring_auditentry\.detail"):
        anonymizing.anonymize(LATE)


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_planted_anywhere_is_found(ana, seed):
    """A few of some visits' words, each somewhere: those visits are kept, and all the others anonymised."""
    chance = random.Random(seed)
    visits = [
        written(make_ended(ana), trace_id=f"{n:032x}", name=f"Nim{n} Ay{n}", contact=f"n{n}@example.com")
        for n in range(8)
    ]
    planted = chance.sample(visits, chance.randrange(1, 5))
    for number, visit in enumerate(planted):
        word = chance.choice([visit.name, visit.contact])
        text = f"{chance.choice(['', 'Dear ', '<', '({'])}{word}{chance.choice(['', ', hello', '>', ':1'])}"
        match chance.choice(["audit", "span", "task", "run"]):
            case "audit":
                audited(chance.choice(visits), deep={"er": [text]})
            case "span":
                spanned(span_id=f"{number:016x}", trace_id=visit.trace_id, attributes={"k": [text]})
            case "task":
                Task.objects.create(id=f"{number:032x}", name="j", func="j", started=NOON, stopped=NOON, result=[text])
            case "run":
                JobRun.objects.create(
                    id=f"{number:032x}", name="j", outcome=text, enqueued_at=NOON, started_at=NOON, status="success"
                )
    with pytest.raises(anonymizing.LeftBehind):
        anonymizing.anonymize(LATE)
    kept = set(SupportSession.objects.filter(anonymized_at=None).values_list("pk", flat=True))
    assert kept >= {visit.pk for visit in planted}
    assert not SupportSession.objects.exclude(pk__in=kept).exclude(**dict.fromkeys(PERSONAL, "")).exists()
    spoken_of = {entry.target.removeprefix("session ") for entry in AuditEntry.objects.exclude(detail={})}
    assert {str(pk) for pk in kept} <= {str(visit.pk) for visit in planted} | spoken_of


def test_batches_leave_nobody_out_and_begin_no_one_twice(ana, monkeypatch):
    monkeypatch.setattr(anonymizing, "BATCH", 2)
    visits = [make_ended(ana) for _ in range(5)]
    audited(visits[2], who="Cy")
    seen = []
    with pytest.raises(anonymizing.LeftBehind, match="4 others"):
        anonymizing.anonymize(LATE, seen.append)
    assert seen == [2, 2, 1]


def test_when_the_time_is_up_the_rest_waits_for_the_next_run(ana, monkeypatch):
    monkeypatch.setattr(anonymizing, "BATCH", 2)
    for _ in range(3):
        make_ended(ana)
    done = anonymizing.anonymize(LATE, within_s=0)
    assert (done.cleared, done.remaining) == (2, 1)
    assert "1 go with the next run" in str(done)
    assert anonymizing.anonymize(LATE).cleared == 1


def test_what_somebody_writes_afterwards_goes_with_the_next_run(umit):
    anonymizing.anonymize(LATE)
    written(umit, note="Rang again")
    assert anonymizing.anonymize(LATE).cleared == 1
    assert fresh(umit).note == ""


def test_what_somebody_writes_at_that_moment_is_told(umit):
    with pytest.raises(anonymizing.LeftBehind, match=rf"sessions_app_supportsession\.note \(row {umit.pk}\)"):
        anonymizing.anonymize(LATE, lambda _visits: written(umit, note="Rang again"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("umit@example.com,", {"umit@example.com"}),
        ("a.b+c@mail.example.co.uk", {"a.b+c@mail.example.co.uk"}),
        ("no@ where", set()),
        ("from 203.0.113.77:8080 to 203.0.113.0", {"203.0.113.77"}),
        ("2001:db8::1 and 2001:db8::", {"2001:db8::1"}),
        ("::1 127.0.0.1 0.0.0.0 ::", set()),
        ("at 12:30:45, version 1.2.3.4.5, 300.1.1.1, std::vector", set()),
    ],
)
def test_what_an_address_looks_like(text, found):
    assert identifying(text) == found


def command(*arguments):
    out = StringIO()
    call_command("anonymize_sessions", *arguments, stdout=out, verbosity=0)
    return out.getvalue()


def test_a_dry_run_says_what_would_go_and_changes_nothing(ana, umit):
    make_ended(ana)  # without contact and message
    would = "name of 2, topic of 2, note of 2, contact of 1 and message of 1"
    assert command("--dry-run").strip() == f"Would anonymise 2 visits: {would}. Nothing was changed."
    assert said_by(umit) == SAID
    assert fresh(umit).anonymized_at is None


def test_the_command_does_as_the_job_and_is_recorded_as_the_job(umit, telemetry):
    assert "Removed name, topic, note, contact and message from 1 visits" in command()
    assert fresh(umit).anonymized_at <= timezone.now()
    telemetry.flush()
    (run,) = JobRun.objects.all()
    assert (run.name, run.func, run.status) == ("anonymize_sessions", "sessions_app.jobs.anonymize_sessions", "success")


def test_the_command_fails_when_something_is_left(umit, telemetry):
    audited(umit, said="It does not print")
    with pytest.raises(CommandError, match=r"also in monitoring_auditentry\.detail \(row ") as told:
        command()
    assert told.value.returncode == 1
    telemetry.flush()
    (run,) = JobRun.objects.all()
    assert run.status == "failed"
    assert "monitoring_auditentry.detail" in run.outcome
    assert "print" not in run.outcome
