"""A real coturn learns, takes and forgets the desk's secrets, and keeps the relays it has."""

import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from monitoring.models import JobRun
from sessions_app import turn, turn_server
from sessions_app.sealing import unseal
from sessions_app.turn_models import TurnSecret, TurnStep
from sessions_app.turn_server import TurnServerError
from tests.coturn import REALM, allocated, coturn, needs_coturn
from tests.factories import make_customer

pytestmark = [needs_coturn, pytest.mark.django_db]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with coturn(tmp_path_factory.mktemp("coturn")) as relay:
        yield relay


@pytest.fixture
def relay(running, settings):
    settings.TURN_USERDB, settings.TURN_REALM = str(running.userdb), REALM
    settings.TURN_URLS = [f"turn:127.0.0.1:{running.port}"]
    with closing(sqlite3.connect(running.userdb)) as database, database:
        database.execute("DELETE FROM turn_secret")
    return running


def takes(relay, who):
    try:
        turn_server.probe(relay.address, who)
    except TurnServerError as refused:
        if "401" not in str(refused):
            raise
        return False
    return True


def run(command, *arguments):
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_the_old_secret_then_both_then_the_new_one(relay):
    now = timezone.now()
    old = turn.rotate(now)
    by_old = turn.credentials(make_customer().pk, now)
    by_new = turn.sign("not known yet", "somebody", now)
    assert [takes(relay, who) for who in (by_old, by_new)] == [True, False]
    new = turn.rotate(now)
    by_new = turn.credentials(make_customer().pk, now)
    assert relay.secrets() == {unseal(old.sealed), unseal(new.sealed)}
    assert [takes(relay, who) for who in (by_old, by_new)] == [True, True]
    assert turn.resume(now + turn.TTL + turn.SKEW + timedelta(seconds=9)) == 1
    assert relay.secrets() == {unseal(new.sealed)}
    assert [takes(relay, who) for who in (by_old, by_new)] == [False, True]


def test_a_relay_in_use_lives_through_the_rotation_and_the_end_of_its_secret(relay):
    now = timezone.now()
    turn.rotate(now)
    with allocated(relay, turn.credentials(make_customer().pk, now)) as allocation:
        assert allocation.carries(b"before")
        turn.rotate(now)
        assert allocation.carries(b"while both are known")
        turn.resume(now + turn.TTL + turn.SKEW + timedelta(seconds=9))
        assert len(relay.secrets()) == 1
        assert allocation.refresh() == 0
        assert allocation.carries(b"after")


def test_a_probe_gives_its_relay_back(relay):
    turn.rotate(timezone.now())
    who = turn.credentials(make_customer().pk, timezone.now())
    turn_server.probe(relay.address, who)
    given_back = f"refreshed, realm=<{REALM}>, username=<{who.username}>, lifetime=0"
    deadline = time.monotonic() + 5
    while given_back not in (told := relay.log.read_text()):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)


def test_credentials_that_have_expired_are_refused(relay):
    now = timezone.now()
    turn.rotate(now)
    secret = unseal(turn.signing().sealed)
    assert not takes(relay, turn.sign(secret, "late", now - turn.TTL - timedelta(seconds=5)))


@pytest.mark.skipif(shutil.which("turnutils_uclient") is None, reason="coturn's own client is not installed")
def test_coturns_own_client_gets_through_with_the_desks_credentials(relay):
    turn.rotate(timezone.now())
    who = turn.credentials(make_customer().pk, timezone.now())
    command = ["turnutils_uclient", "-y", "-n", "2", "-m", "1", "-p", str(relay.port), "-u", who.username]
    done = subprocess.run(
        [*command, "-w", who.password, "127.0.0.1"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "Total lost packets 0" in done.stdout


def test_a_server_that_does_not_read_our_database_is_found_out_before_anything_is_signed(relay, settings):
    now = timezone.now()
    old = turn.rotate(now)
    settings.TURN_REALM = "another"
    with pytest.raises(TurnServerError, match="401"):
        turn.rotate(now)
    assert turn.signing() == old
    settings.TURN_REALM = REALM
    assert turn.rotate(now) != old


def test_a_server_that_does_not_answer_stops_the_rotation_and_it_goes_on_later(relay, settings):
    settings.TURN_URLS = ["turn:127.0.0.1:9"]
    with pytest.raises(CommandError, match="run this again"):
        run("rotate_turn_secret")
    assert TurnSecret.objects.get().step == TurnStep.ACCEPTED
    settings.TURN_URLS = [f"turn:127.0.0.1:{relay.port}"]
    run("turn_upkeep")
    assert TurnSecret.objects.get().step == TurnStep.SIGNING


def test_the_command_says_how_far_it_is_and_never_a_secret(relay):
    said = run("rotate_turn_secret") + run("rotate_turn_secret")
    before = list(TurnSecret.objects.values_list("pk", "step"))
    status = run("rotate_turn_secret", "--status")
    assert list(TurnSecret.objects.values_list("pk", "step")) == before
    assert f"127.0.0.1:{relay.port}" in status
    assert "Signing" in status
    assert "to be removed after" in status
    known = [each for secret in TurnSecret.objects.all() for each in (secret.sealed, unseal(secret.sealed))]
    told = f"{said} {status} {list(JobRun.objects.values_list())} {relay.log.read_text()}"
    assert len(known) == 4
    assert not [secret for secret in known if secret in told]


def test_what_is_no_userdb_is_said(settings, tmp_path):
    settings.TURN_USERDB = str(tmp_path / "none")
    with pytest.raises(TurnServerError, match="unable to open"):
        turn.rotate(timezone.now())
    assert not (tmp_path / "none").exists()
    sqlite3.connect(tmp_path / "none").close()
    with pytest.raises(TurnServerError, match="no such table"):
        turn.rotate(timezone.now())
