import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import translation
from hypothesis import settings
from pytest_django.plugin import blocking_manager_key

import adminara.urls  # noqa: F401 - now, so that no view takes over the clock of a test that sets it
from monitoring.guard import guard
from monitoring.panel import bottlenecks, name_report, overview_live
from monitoring.profiler import profiler
from monitoring.recording import refused
from monitoring.store.buffer import buffer
from monitoring.store.recorder import recorder
from monitoring.store.series import series_ids
from monitoring.tracing.active import active_spans
from sessions_app import closed, pace, service, verdicts
from sessions_app.limits import limiter
from tests import own_services

# How long an example may take depends on what else the machine does.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
emptied = pytest.StashKey[bool]()
filled: dict[str, str] = {}  # by database, its rows as JSON


def pytest_itemcollected(item: pytest.Item) -> None:
    """Every test that uses a database may use both."""
    if marker := item.get_closest_marker("django_db"):
        item.add_marker(pytest.mark.django_db(**{**marker.kwargs, "databases": "__all__"}), append=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """As it is, and what migrations have filled in is kept."""
    assert not own_services.ON_SERVICES or {each.vendor for each in connections.all()} == {"postgresql"}
    with django_db_blocker.unblock():
        filled.update({alias: connections[alias].creation.serialize_db_to_string() for alias in connections})
    yield
    if own_services.ON_SERVICES:
        with django_db_blocker.unblock():
            for connection in connections.all():
                with connection.cursor() as cursor:
                    # A thread that a test left holds one, and the database could not go.
                    cursor.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test with transactions of its own leaves empty tables; the next without has again what migrations filled in."""
    marker = item.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        item.config.stash[emptied] = True
    elif marker and item.config.stash.get(emptied, False):
        item.config.stash[emptied] = False
        with item.config.stash[blocking_manager_key].unblock():
            for alias, rows in filled.items():
                call_command("flush", verbosity=0, interactive=False, database=alias, inhibit_post_migrate=True)
                connections[alias].creation.deserialize_db_from_string(rows)


@pytest.fixture(autouse=True)
def telemetry():
    """Telemetry that raises what it would swallow, writes only when told to, and starts each test empty."""
    guard.strict, buffer.autoflush = True, False
    buffer._start_afresh()
    recorder._start_afresh()
    series_ids.forget()
    profiler.clear()
    active_spans._start_afresh()
    guard.failures.clear()
    refused.clear()
    yield buffer
    buffer._records.clear()
    recorder._start_afresh()
    guard.strict = False


@pytest.fixture(autouse=True)
def nothing_kept():
    """Each test reads the figures anew, and nobody has asked for anything yet."""
    service.forget()
    pace.forget()
    closed.forget()
    verdicts.week_ago.cache_clear()
    limiter.forget()
    overview_live.forget()
    bottlenecks.read_before.cache_clear()
    name_report.spent_before.cache_clear()


@pytest.fixture(autouse=True)
def language():
    """A request in another language leaves the thread in it: the next test begins in the first language again."""
    yield
    translation.deactivate()
