"""The two who take part in a session."""

from django.db import models
from django.utils.translation import gettext_lazy as _

SELFTEST = "selftest"  # the user name of the self-test's member of staff, who takes its customers and no other


class Role(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    STAFF = "staff", _("Staff")
