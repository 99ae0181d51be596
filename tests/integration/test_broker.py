"""The job queue's bell: a job is heard of at once, and never before its commit."""

import threading
import time

import pytest
from django.db import connection, transaction
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from monitoring import bells, enqueue
from monitoring.bells import PipeBell
from monitoring.broker import PromptBroker
from tests.trial_jobs import quick

LONG_S = 60  # a look that nothing interrupted would make the test time out, or nearly so

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bell(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    listening = bells.bell()
    listening.wait(0)
    yield listening
    silence(listening)


def silence(bell):
    """Close the connection that it keeps on PostgreSQL."""
    if line := getattr(bell, "_line", None):
        line.close()


@pytest.fixture
def broker(bell, monkeypatch):
    """The queue's broker, which looks once a minute, and which tasks made here use as well."""
    monkeypatch.setattr(Conf, "POLL", LONG_S)
    broker = PromptBroker()
    yield broker
    silence(broker._bell)


def test_a_waiting_broker_hears_of_a_job_at_once(broker):
    def elsewhere():
        PromptBroker().enqueue(SignedPackage.dumps({"id": "7"}))
        connection.close()

    ringing = threading.Timer(0.2, elsewhere)
    ringing.start()
    began = time.monotonic()
    assert broker.dequeue() == []  # it had looked before there was anything
    ringing.join()
    ((_number, package),) = broker.dequeue()
    assert time.monotonic() - began < LONG_S / 2
    assert SignedPackage.loads(package) == {"id": "7"}


def test_a_job_is_heard_of_when_it_is_committed_and_not_before(bell):
    with transaction.atomic():
        enqueue(quick)
        assert not bell.wait(0.1)
    assert bell.wait(LONG_S)
    assert not bell.wait(0)
    assert OrmQ.objects.count() == 1


def test_a_job_rolled_back_is_not_heard_of(bell):
    with transaction.atomic():
        enqueue(quick)
        transaction.set_rollback(True)
    assert not bell.wait(0.1)


def test_a_task_is_taken_once_and_stays_until_it_is_acknowledged(broker, monkeypatch):
    monkeypatch.setattr(Conf, "POLL", 0)
    enqueue(quick)
    ((number, _package),) = broker.dequeue()
    assert broker.dequeue() == []
    broker.acknowledge(number)
    assert not OrmQ.objects.exists()


def test_looking_costs_one_statement_and_keeps_the_connection(broker, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(Conf, "POLL", 0)
    connection.ensure_connection()
    kept = connection.connection
    with django_assert_num_queries(1):
        assert broker.dequeue() == []
    assert connection.connection is kept


def test_a_bell_nobody_listens_to_may_be_rung_for_ever(tmp_path):
    bell = PipeBell(tmp_path / "bell")
    bell.ring()  # there is none yet
    bell.wait(0)
    for _ in range(70_000):  # more than a pipe holds
        bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_where_no_bell_can_be_made_the_wait_goes_on_without(tmp_path):
    began = time.monotonic()
    PipeBell(tmp_path / "no such folder" / "bell").wait(0.2)
    assert time.monotonic() - began >= 0.2


@pytest.fixture
def cut_off():
    """Cuts every connection of this database, but for the one that does it, as a restart of the server would."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite cuts nobody off")
    import psycopg

    connection.close()
    connection.close_pool()  # tests before may have filled it; one connection after the other would be found to be dead
    connection.ensure_connection()
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        everybody = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        yield lambda: other.execute(f"SELECT pg_terminate_backend(pid, 5000) {everybody}")


def test_a_bell_that_was_cut_off_is_heard_again(bell, cut_off):
    cut_off()
    connection.close()
    for _ in range(2):  # the first one finds out, the second one begins anew
        assert not bell.wait(0.2)
    enqueue(quick)
    assert bell.wait(LONG_S)


def test_a_broker_that_was_cut_off_goes_on(broker, cut_off, monkeypatch):
    monkeypatch.setattr(Conf, "POLL", 0)
    enqueue(quick)
    cut_off()
    assert broker.dequeue() == []
    ((number, _package),) = broker.dequeue()
    cut_off()
    broker.acknowledge(number)
    assert not OrmQ.objects.exists()
