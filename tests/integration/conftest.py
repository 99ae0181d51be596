import pytest
from django.contrib.auth.models import Group

from tests.factories import make_staff


@pytest.fixture
def lead(client):
    """The browser of ana, who leads the desk."""
    user = make_staff("ana", "sessions_app.work_desk")
    user.groups.add(Group.objects.get(name="lead"))
    client.force_login(user)
    return client
