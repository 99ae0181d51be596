"""Staff periods, quality samples, call events, messages left behind; what was told to expect is kept as the range told."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F

MINUTES = 120_000  # ms: the range began at half of what was expected


def tell_as_ranges(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias == "default":
        told = apps.get_model("sessions_app", "QueueEntry").objects.exclude(expected_wait_ms=None)
        told.update(
            expected_least_min=F("expected_wait_ms") / MINUTES,
            expected_most_min=(F("expected_wait_ms") * 3 + MINUTES - 1) / MINUTES,
        )


def tell_as_middles(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias == "default":
        told = apps.get_model("sessions_app", "QueueEntry").objects.exclude(expected_most_min=None)
        told.update(expected_wait_ms=F("expected_most_min") * MINUTES / 3)


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0006_newest_sessions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CallEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("customer", "Customer"), ("staff", "Staff")], max_length=8, verbose_name="role"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("media_denied", "Camera or microphone were not allowed"),
                            ("media_missing", "No camera or no microphone was found"),
                            ("media_busy", "Camera or microphone were in use"),
                            ("media_insecure", "The page was not opened over https"),
                            ("interrupted", "The line was interrupted"),
                            ("restarted", "The way was looked for anew (ICE restart)"),
                            ("screen_shared", "The screen was shared"),
                            ("chat", "Messages written"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("amount", models.PositiveIntegerField(blank=True, null=True, verbose_name="amount")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "call event",
                "verbose_name_plural": "call events",
            },
        ),
        migrations.CreateModel(
            name="QualitySample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempt", models.CharField(blank=True, max_length=64, verbose_name="attempt")),
                (
                    "role",
                    models.CharField(
                        choices=[("customer", "Customer"), ("staff", "Staff")], max_length=8, verbose_name="role"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("span_s", models.PositiveSmallIntegerField(verbose_name="over (s)")),
                ("round_trip_ms", models.FloatField(blank=True, null=True, verbose_name="round-trip time (ms)")),
                ("jitter_ms", models.FloatField(blank=True, null=True, verbose_name="jitter (ms)")),
                ("loss_ratio", models.FloatField(blank=True, null=True, verbose_name="packets lost")),
                ("freezes", models.PositiveIntegerField(blank=True, null=True, verbose_name="freezes")),
                ("received_kbps", models.FloatField(blank=True, null=True, verbose_name="received (kbit/s)")),
                ("sent_kbps", models.FloatField(blank=True, null=True, verbose_name="sent (kbit/s)")),
            ],
            options={
                "verbose_name": "quality sample",
                "verbose_name_plural": "quality samples",
            },
        ),
        migrations.CreateModel(
            name="StaffPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("available", "Available"),
                            ("paused", "Paused"),
                            ("in_call", "In a call"),
                            ("wrap_up", "Wrap-up"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("break", "Break"),
                            ("meeting", "Meeting"),
                            ("training", "Training"),
                            ("other_work", "Other work"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen at")),
            ],
            options={
                "verbose_name": "staff period",
                "verbose_name_plural": "staff periods",
            },
        ),
        migrations.RemoveConstraint(
            model_name="supportsession",
            name="session_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="supportsession",
            name="session_waiting_is_untouched",
        ),
        migrations.AddField(
            model_name="queueentry",
            name="expected_least_min",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="expected wait at join, at least (min)"
            ),
        ),
        migrations.AddField(
            model_name="queueentry",
            name="expected_most_min",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="expected wait at join, at most (min)"
            ),
        ),
        migrations.RunPython(tell_as_ranges, tell_as_middles),
        migrations.RemoveField(
            model_name="queueentry",
            name="expected_wait_ms",
        ),
        migrations.AddField(
            model_name="supportsession",
            name="callback",
            field=models.BooleanField(
                default=False, help_text="Began with a message left behind, not in the queue.", verbose_name="callback"
            ),
        ),
        migrations.AddField(
            model_name="supportsession",
            name="contact",
            field=models.CharField(blank=True, max_length=200, verbose_name="contact"),
        ),
        migrations.AddField(
            model_name="supportsession",
            name="traceparent",
            field=models.CharField(blank=True, max_length=55, verbose_name="traceparent"),
        ),
        migrations.AddField(
            model_name="supportsession",
            name="message",
            field=models.TextField(blank=True, max_length=2000, verbose_name="message left"),
        ),
        migrations.AddField(
            model_name="supportsession",
            name="synthetic",
            field=models.BooleanField(default=False, help_text="Made by the self-test.", verbose_name="synthetic"),
        ),
        migrations.AlterField(
            model_name="supportsession",
            name="state",
            field=models.CharField(
                choices=[
                    ("callback", "To be called back"),
                    ("waiting", "Waiting"),
                    ("connecting", "Connecting"),
                    ("active", "Active"),
                    ("ended", "Ended"),
                    ("abandoned", "Abandoned"),
                    ("expired", "Expired"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(
                condition=models.Q(("failure", ""), _negated=True), fields=["failure"], name="report_failed"
            ),
        ),
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(
                condition=models.Q(("local_candidate", "relay"), ("remote_candidate", "relay"), _connector="OR"),
                fields=["session"],
                name="report_relayed",
            ),
        ),
        migrations.AddIndex(
            model_name="connectionreport",
            index=models.Index(
                condition=models.Q(("accepted", True)), fields=["at", "connection_time_ms"], name="report_setup_time"
            ),
        ),
        migrations.AddIndex(
            model_name="supportsession",
            index=models.Index(fields=["outcome", "joined_at"], name="session_outcome"),
        ),
        migrations.AddConstraint(
            model_name="supportsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["callback", "waiting", "connecting", "active", "ended", "abandoned", "expired"])
                ),
                name="session_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("waiting", "callback")), _negated=True),
                    models.Q(
                        ("claimed_at", None),
                        ("connected_at", None),
                        ("ended_at", None),
                        ("outcome", ""),
                        ("staff", None),
                    ),
                    _connector="OR",
                ),
                name="session_waiting_is_untouched",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportsession",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "callback"), _negated=True), ("callback", True), _connector="OR"),
                name="session_callback_began_as_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("callback", False),
                    models.Q(("state__in", ("waiting", "connecting")), _negated=True),
                    _connector="OR",
                ),
                name="session_callback_is_not_queued",
            ),
        ),
        migrations.AddField(
            model_name="callevent",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="call_events",
                to="sessions_app.supportsession",
            ),
        ),
        migrations.AddField(
            model_name="qualitysample",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="quality", to="sessions_app.supportsession"
            ),
        ),
        migrations.AddField(
            model_name="staffperiod",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="sessions_app.supportsession",
            ),
        ),
        migrations.AddField(
            model_name="staffperiod",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="staff",
            ),
        ),
        migrations.AddIndex(
            model_name="qualitysample",
            index=models.Index(fields=["session", "role", "at"], name="quality_of_session"),
        ),
        migrations.AddIndex(
            model_name="qualitysample",
            index=models.Index(fields=["at"], name="quality_age"),
        ),
        migrations.AddConstraint(
            model_name="qualitysample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("loss_ratio", None), models.Q(("loss_ratio__gte", 0), ("loss_ratio__lte", 1)), _connector="OR"
                ),
                name="quality_loss_is_a_share",
            ),
        ),
        migrations.AddIndex(
            model_name="staffperiod",
            index=models.Index(fields=["ended_at"], name="staff_period_ended"),
        ),
        migrations.AddConstraint(
            model_name="staffperiod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("staff",), name="staff_period_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="staffperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("began_at")), _connector="OR"),
                name="staff_period_times_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "paused"), models.Q(("reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "paused"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="staff_period_pause_has_reason",
            ),
        ),
    ]
