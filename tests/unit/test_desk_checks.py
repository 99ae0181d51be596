import pytest

from sessions_app import checks


def found(check):
    return [(message.id, bool(message.hint)) for message in check()]


def test_a_sound_installation_has_nothing_to_say():
    assert [found(check) for check in (checks.check_login_throttle, checks.check_sqlite_transactions)] == [[], []]
    assert found(checks.check_client_address) == []


def test_logins_without_a_throttle_are_found(settings):
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != checks.THROTTLE]
    assert found(checks.check_login_throttle) == [("sessions_app.E001", True)]


def test_deferred_transactions_of_sqlite_are_found(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.sqlite3"})
    assert found(checks.check_sqlite_transactions) == [("sessions_app.E002", True)]


def test_two_ideas_of_a_clients_address_are_found(settings):
    settings.AXES_CLIENT_IP_CALLABLE = None
    assert found(checks.check_client_address) == [("sessions_app.E003", True)]


@pytest.mark.parametrize(("host", "ids"), [("", [("sessions_app.W004", True)]), ("mail.example.com", [])])
def test_mails_that_go_nowhere_are_found(settings, host, ids):
    settings.EMAIL_HOST = host
    assert found(checks.check_mail) == ids
