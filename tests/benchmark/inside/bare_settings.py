"""django-q2 by itself, set up as AdminAra sets it up."""

import os
from pathlib import Path

FOLDER = Path(os.environ["ADMINARA_DATA_DIR"])
SECRET_KEY = "for this benchmark only " * 3
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django_q"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "bare.sqlite3",
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
Q_CLUSTER = {
    "name": "bare",
    "orm": "default",
    "poll": 0.005,  # so that it loses nothing against AdminAra's, which hears of a job at once
    "workers": 2,
    "timeout": 60,
    "retry": 90,
    "ack_failures": True,
    "max_attempts": 0,
    "save_limit": -1,
    "catch_up": False,
    "queue_limit": 10,
    "bulk": 1,
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django-q": {"level": "WARNING", "handlers": ["stderr"]}},
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
}
