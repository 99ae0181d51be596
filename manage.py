#!/usr/bin/env python
"""Run one of AdminAra's commands: `manage.py help` lists them."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adminara.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads the settings now, so that a bad value is told in one sentence
    except ImproperlyConfigured as error:
        sys.exit(f"AdminAra cannot start: {error}")
    execute_from_command_line(sys.argv)
