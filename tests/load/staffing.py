"""Makes members of staff who are logged in already: a login costs a quarter of a second of a processor, on purpose."""

import json
import sys


def main(count: str) -> None:
    """Says the keys of their sessions; the first is a superuser's, the others may work at the desk."""
    from django.contrib.auth.models import Group
    from django.db import transaction

    with transaction.atomic():
        agents = Group.objects.get(name="agent")
        json.dump([hired(number, agents) for number in range(int(count))], sys.stdout)


def hired(number: int, agents) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore

    user = User.objects.create(username=f"load{number}", is_staff=True, is_superuser=not number, password="!")
    user.groups.add(agents)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key
