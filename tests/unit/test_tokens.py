from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.utils import timezone

from sessions_app import tokens
from sessions_app.errors import LinkExpired, LinkUnknown
from sessions_app.models import Role

SESSION = uuid4()


def test_a_token_says_whose_it_is():
    assert tokens.read(tokens.make(SESSION, Role.STAFF, 7)) == (SESSION, Role.STAFF, 7)


@pytest.mark.parametrize("shape", ["{}x", "x{}", "é{}", ""])
def test_a_changed_token_is_nobodys(shape):
    with pytest.raises(LinkUnknown):
        tokens.read(shape.format(tokens.make(SESSION, Role.CUSTOMER)))


def test_what_is_signed_for_something_else_is_no_token():
    with pytest.raises(LinkUnknown):
        tokens.read(signing.dumps([SESSION.hex, "customer"]))


def test_a_token_expires(monkeypatch):
    token = tokens.make(SESSION, Role.CUSTOMER)
    later = timezone.now() + timedelta(hours=25)
    monkeypatch.setattr(signing.time, "time", later.timestamp)
    with pytest.raises(LinkExpired):
        tokens.read(token)


def test_a_link_of_the_first_version_still_opens_after_an_update():
    token = signing.dumps([SESSION.hex, "customer", None], salt=tokens.SALT)
    assert tokens.read(token) == (SESSION, Role.CUSTOMER, None)
