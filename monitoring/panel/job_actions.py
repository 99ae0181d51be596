"""What a person may do about jobs: run one now, and retry one that failed. Each leaves an audit entry."""

import json

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from monitoring.auditing import audit
from monitoring.errors import BadParameter, NotFound
from monitoring.models import JobRun
from monitoring.panel.job_runs import RETRIABLE
from monitoring.queueing import enqueue
from monitoring.runs import located


def run_now(actor: AbstractBaseUser | None, name: str) -> str:
    """Enqueue a scheduled job; returns its name. Raises NotFound for any other."""
    functions = {scheduled: func for scheduled, func, _cron in settings.JOB_SCHEDULES}
    if name not in functions:
        raise NotFound(_("There is no scheduled job called %(name)s.") % {"name": name})
    with transaction.atomic():
        task = enqueue(functions[name])
        audit(actor, "job.run", name, task=task)
    return name


def retry(actor: AbstractBaseUser | None, run_id: str) -> str:
    """Enqueue the function of a failed run with the same arguments; returns the job's name.

    Raises NotFound for a run that is not there and BadParameter for one that cannot be run again.
    """
    run = JobRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("There is no job run %(run)s.") % {"run": run_id})
    if run.status not in RETRIABLE:
        raise BadParameter("run", run_id, _("a run that failed or was interrupted"))
    try:
        located(run.func)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadParameter("run", run_id, _("a run of a function that still exists, unlike %s") % run.func) from error
    with transaction.atomic():
        task = enqueue(run.func, *json.loads(run.args))
        audit(actor, "job.retry", run.name, run=run.pk, task=task)
    return run.name
