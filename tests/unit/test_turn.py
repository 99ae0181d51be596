import base64
import hashlib
import hmac

import pytest
from django.contrib.admin import site
from django.db import IntegrityError, transaction

from monitoring.models import AuditEntry
from sessions_app import turn
from sessions_app.models import TurnSecret
from tests.factories import NOON, SECOND, make_customer

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
    assert old.value != new.value
    assert turn.accepted(NOON + 300 * SECOND) == [new, old]
    assert turn.accepted(NOON + 361 * SECOND) == [new]
    turn.rotate(NOON + 400 * SECOND)
    assert not TurnSecret.objects.filter(pk=old.pk).exists()


def test_there_is_one_current_secret():
    turn.rotate(NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        TurnSecret.objects.create(value="another", created_at=NOON)


def test_a_secret_is_never_shown():
    secret = turn.rotate(NOON)
    assert secret.value not in f"{secret} {secret!r} {AuditEntry.objects.values_list()}"
    shown = site.get_model_admin(TurnSecret)
    assert "value" not in [*shown.get_fields(None, secret), *shown.list_display]
    assert AuditEntry.objects.get().action == "rotate"
