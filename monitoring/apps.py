"""Starts the panel in each process that loads Django."""

from functools import cache

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = _("Monitoring")

    def ready(self) -> None:
        from django.db.models.signals import pre_migrate
        from django_prometheus.db import common as prometheus_cursors
        from django_q import signals

        from monitoring import broker, checks, health, metrics, outcomes, scale_checks, schema, shutdown  # noqa: F401
        from monitoring.alerting import announcing
        from monitoring.panel import alert_actions
        from monitoring.store.buffer import buffer
        from monitoring.store.recorder import recorder
        from monitoring.tracing import queue, setup, statements

        # django-prometheus makes a class for each cursor, at 20 us: one for each database is enough.
        prometheus_cursors.ExportingCursorWrapper = cache(prometheus_cursors.ExportingCursorWrapper)
        pre_migrate.connect(schema.make_schema, sender=self)
        buffer.sink = recorder
        metrics.declare_all()
        health.register_all()
        announcing.announce()
        alert_actions.register()
        outcomes.register()
        if setup.init_observability():
            statements.watch_connections()
        signals.pre_enqueue.connect(queue.before_enqueue)
        signals.post_spawn.connect(queue.after_spawn)
        signals.pre_execute.connect(broker.hold)
        signals.pre_execute.connect(queue.before_execute)
        signals.post_execute_in_worker.connect(queue.after_execute)
