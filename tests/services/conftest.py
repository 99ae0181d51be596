"""A PostgreSQL and a Redis of the tests' own, and installations on two hosts that share them."""

import pytest

from tests.integration.test_jobs import inside
from tests.postgresql import postgresql
from tests.redis import redis
from tests.server import serving

SECRET = "shared-by-all-hosts-" + "k" * 40


@pytest.fixture(scope="module")
def shared_redis():
    with redis() as server:
        yield server


@pytest.fixture(scope="module")
def shared_settings(shared_redis):
    with postgresql() as address:
        yield {"DATABASE_URL": address, "REDIS_URL": shared_redis.url, "SECRET_KEY": SECRET}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory, shared_settings):
    """Two web servers, each with a data folder of its own as on a host of its own; ana may take customers."""
    with (
        serving(tmp_path_factory.mktemp("one"), **shared_settings) as one,
        serving(tmp_path_factory.mktemp("two"), **shared_settings) as two,
    ):
        inside(one, "from django.contrib.auth.models import User\nUser.objects.create_superuser('ana', password='pw')")
        yield one, two
