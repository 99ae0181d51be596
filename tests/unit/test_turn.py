import base64
import hashlib
import hmac
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.db import IntegrityError, connection, transaction

from monitoring.models import AuditEntry
from sessions_app import calls, turn
from sessions_app.models import Role
from sessions_app.sealing import CannotOpen, seal, unseal
from sessions_app.tokens import Bearer
from sessions_app.turn_models import TurnSecret, TurnStep
from tests.factories import NOON, SECOND, make_call, make_customer, make_staff

pytestmark = pytest.mark.django_db
SESSION = "0b7e2a8c-53a2-4f0a-9c41-0d3f6f7a1b11"


def test_credentials_are_those_of_turn_rest():
    signed = turn.sign("secret", SESSION, NOON)
    assert signed.username == f"{int(NOON.timestamp()) + 300}:{SESSION}"
    expected = hmac.new(b"secret", signed.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(signed.password) == expected


def test_every_session_has_credentials_of_its_own():
    one, two = (turn.credentials(make_customer().pk, NOON) for _ in range(2))
    assert one.username != two.username
    assert TurnSecret.objects.count() == 1


def test_a_rotation_changes_the_secret_and_keeps_the_old_one_until_what_it_signed_has_expired():
    old = turn.rotate(NOON)
    new = turn.rotate(NOON + SECOND)
    assert unseal(old.sealed) != unseal(new.sealed)
    assert [each.pk for each in turn.accepted(NOON + 300 * SECOND)] == [new.pk, old.pk]
    retired = TurnSecret.objects.get(pk=old.pk).retired_at  # a little later: the rotation itself takes time
    assert NOON + SECOND < retired < NOON + 2 * SECOND
    assert turn.accepted(retired + 359 * SECOND) == [new, old]
    assert turn.accepted(retired + 360 * SECOND) == [new]
    turn.rotate(NOON + 400 * SECOND)
    assert not TurnSecret.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("step", [TurnStep.SIGNING, TurnStep.MADE])
def test_one_signs_and_one_is_under_way(step):
    TurnSecret.objects.create(sealed=seal("one"), step=step, created_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        TurnSecret.objects.create(sealed=seal("another"), step=step, created_at=NOON)


def test_two_under_way_are_one_too_many_whatever_their_steps():
    TurnSecret.objects.create(sealed=seal("one"), step=TurnStep.MADE, created_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        TurnSecret.objects.create(sealed=seal("another"), step=TurnStep.PROBED, created_at=NOON)


def test_a_secret_is_never_shown(caplog):
    secret = turn.rotate(NOON)
    value = unseal(secret.sealed)
    told = f"{secret} {secret!r} {AuditEntry.objects.values_list()} {list(turn.status(NOON))} {caplog.text}"
    shown = site.get_model_admin(TurnSecret)
    assert value not in told
    assert secret.sealed not in told
    assert "sealed" not in [*shown.get_fields(None, secret), *shown.list_display]
    assert AuditEntry.objects.get().action == "rotate"


def test_the_database_holds_no_secret_that_can_be_read():
    secret = turn.rotate(NOON)
    assert unseal(secret.sealed) not in str(TurnSecret.objects.values_list())


def test_the_key_changes_without_a_gap(settings):
    settings.SECRET_KEY, settings.TURN_SECRET_KEYS = "of the site", []
    sealed = seal("secret")
    settings.TURN_SECRET_KEYS = ["first"]
    assert unseal(sealed) == "secret"
    by_first = seal("secret")
    settings.SECRET_KEY, settings.TURN_SECRET_KEYS = "another", ["second", "first"]
    assert unseal(by_first) == "secret"
    by_second = seal("secret")
    settings.TURN_SECRET_KEYS = ["second"]
    assert unseal(by_second) == "secret"
    for lost in (sealed, by_first, "damaged"):
        with pytest.raises(CannotOpen):
            unseal(lost)


def test_what_was_kept_in_the_open_is_sealed_by_the_migration_and_opened_again_on_the_way_back():
    sealing = import_module("sessions_app.migrations.0004_turn_secrets_sealed")
    current = TurnSecret.objects.create(sealed="plain", created_at=NOON)
    old = TurnSecret.objects.create(sealed="old", step=TurnStep.RETIRED, created_at=NOON, retired_at=NOON)
    sealing.seal_all(apps, SimpleNamespace(connection=connection))
    assert turn.signing() == current
    assert list(TurnSecret.objects.exclude(pk=current.pk).values_list("pk", "step")) == [(old.pk, TurnStep.RETIRED)]
    assert [unseal(secret.sealed) for secret in TurnSecret.objects.order_by("pk")] == ["plain", "old"]
    assert not TurnSecret.objects.filter(sealed__in=["plain", "old"]).exists()
    turn.begin(NOON)
    sealing.unseal_all(apps, SimpleNamespace(connection=connection))
    assert sorted(TurnSecret.objects.values_list("sealed", flat=True)) == ["old", "plain"]


def test_with_the_key_lost_calls_go_without_a_relay_until_the_next_rotation(settings):
    settings.TURN_URLS = ["turn:127.0.0.1:3478"]
    session = make_call(make_staff())
    lost = turn.rotate(NOON)
    settings.SECRET_KEY = "another"
    customer = Bearer(session.pk, Role.CUSTOMER, None)
    assert calls.ice_servers(customer, NOON) == []
    turn.rotate(NOON)
    assert TurnSecret.objects.get().pk != lost.pk
    assert calls.ice_servers(customer, NOON)[0]["urls"] == settings.TURN_URLS
