"""How much room the databases took, from time to time."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoreSize(models.Model):
    """What all databases of this machine took of its disk at a moment, in bytes."""

    at = models.DateTimeField(_("noted at"), unique=True)
    used = models.BigIntegerField(_("used (bytes)"))

    class Meta:
        verbose_name = _("size of the databases")
        verbose_name_plural = _("sizes of the databases")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.used}"
