"""Environment variables: a bad value refuses to start and names itself."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from adminara import env, secret_key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMINARA_PORT", "eighty"),
        ("ADMINARA_PORT", "70000"),
        ("ENABLE_TRACING", "perhaps"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("ADMINARA_ENV", "staging"),
        ("BOTTLENECK_THRESHOLD_MS", "0"),
        ("BOTTLENECK_THRESHOLDS", "job.*"),
        ("BOTTLENECK_THRESHOLDS", "=100"),
        ("BOTTLENECK_THRESHOLDS", "job.*=soon"),
        ("BOTTLENECK_THRESHOLDS", "job.*=-5"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "10%"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("DESK_HOURS", "mon-fri 9-17"),
        ("TELEMETRY_KEEP_MEASURES", "two days"),
        ("TELEMETRY_KEEP_BY_HOUR", "20d"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
        ("ADMINARA_DATA_DIR", "/proc/nowhere"),
    ],
)
def test_a_bad_value_refuses_to_start_in_one_sentence(name, value):
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 1
    assert name in result.stderr
    assert value in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_secret_comes_from_its_file(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("s3cret\n")
    monkeypatch.setenv("METRICS_TOKEN_FILE", str(tmp_path / "token"))
    assert env.secret("METRICS_TOKEN") == "s3cret"


def test_a_database_url_is_taken_apart(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk:s%40fe%2F@db.example.org:5433/adminara?sslmode=require")
    assert env.database_url("DATABASE_URL") == {
        "NAME": "adminara",
        "USER": "desk",
        "PASSWORD": "s@fe/",
        "HOST": "db.example.org",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_without_a_database_url_there_is_none(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert env.database_url("DATABASE_URL") == {}


@pytest.mark.parametrize(
    "value",
    [
        "mysql://desk:s3cret@127.0.0.1/adminara",
        "dbname=adminara password=s3cret",
        "postgresql://desk:s3cret@127.0.0.1",
        "postgresql://desk:s3cret@127.0.0.1:port/adminara",
        "postgresql://desk:s3cret@127.0.0.1/adminara?colour=s3cret",
        "postgresql://desk:p@s3cret@127.0.0.1/adminara",
        "postgresql://desk:p/s3cret@127.0.0.1/adminara",
        "postgresql://desk:p%s3cret@127.0.0.1/adminara",
    ],
)
def test_a_bad_database_url_refuses_to_start_and_does_not_show_the_password(value):
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=os.environ | {"DATABASE_URL": value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 1
    assert "DATABASE_URL cannot be used" in result.stderr
    assert "s3cret" not in result.stdout + result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "value",
    [
        "http://:s3cret@127.0.0.1:6379",
        "redis://:p@s3cret@127.0.0.1/0",
        "redis://:s3cret@127.0.0.1/adminara",
        "redis://:s3cret@127.0.0.1:port/0",
        "redis://:s3cret@",
    ],
)
def test_a_bad_redis_url_is_refused_without_showing_the_password(monkeypatch, value):
    monkeypatch.setenv("REDIS_URL", value)
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL cannot be used") as refused:
        env.redis_url("REDIS_URL")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("value", ["", "redis://127.0.0.1", "rediss://desk:p%40ss@[::1]:6380/2", "redis://:pw@cache/"])
def test_a_redis_url_is_taken_as_it_is(monkeypatch, value):
    monkeypatch.setenv("REDIS_URL", value)
    assert env.redis_url("REDIS_URL") == value


def test_numbers_have_bounds(monkeypatch):
    monkeypatch.setenv("DESK_GONE_AFTER", "4")
    with pytest.raises(ImproperlyConfigured, match="from 5 to 3600"):
        env.number("DESK_GONE_AFTER", 60, least=5, most=3600)


def test_thresholds_are_patterns_in_their_order(monkeypatch):
    monkeypatch.setenv("BOTTLENECK_THRESHOLDS", "job.sweep=50.5, job.*=5000 ,GET /a?b=c=300,")
    assert env.thresholds("BOTTLENECK_THRESHOLDS") == [("job.sweep", 50.5), ("job.*", 5000.0), ("GET /a?b=c", 300.0)]


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "key"
    first = secret_key.load_or_create(path)
    assert len(first) >= 50
    assert secret_key.load_or_create(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("value", "seconds"), [("90m", 5400), ("48h", 172_800), ("7d", 604_800), ("", 3600)])
def test_a_length_of_time_is_read_in_seconds(monkeypatch, value, seconds):
    monkeypatch.setenv("TELEMETRY_KEEP_SPANS", value)
    assert env.duration("TELEMETRY_KEEP_SPANS", "1h", least=env.HOUR) == seconds


@pytest.mark.parametrize("value", ["48", "h", "-1h", "1.5h", "2 weeks", "59m", "1s", "٣d", "9999999d", "1h 30m"])
def test_what_is_no_length_of_time_is_refused(monkeypatch, value):
    monkeypatch.setenv("TELEMETRY_KEEP_SPANS", value)
    with pytest.raises(ImproperlyConfigured, match=rf"TELEMETRY_KEEP_SPANS={value!r} .* at least 1h"):
        env.duration("TELEMETRY_KEEP_SPANS", "7d", least=env.HOUR)
