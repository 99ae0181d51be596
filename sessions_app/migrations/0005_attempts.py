"""Each attempt to connect gets a row of its own, with its parts and its end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0004_turn_secrets_sealed"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="connectionreport",
            name="report_one_per_role",
        ),
        migrations.RemoveConstraint(
            model_name="connectionreport",
            name="report_accepted_is_in_range",
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="attempt",
            field=models.CharField(blank=True, max_length=64, verbose_name="attempt"),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="dtls_ms",
            field=models.FloatField(blank=True, null=True, verbose_name="DTLS (ms)"),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_candidates", "No candidates"),
                    ("turn_refused", "TURN credential refused"),
                    ("ice", "No way through (ICE)"),
                    ("dtls", "No encryption (DTLS)"),
                    ("no_media", "No sound or picture"),
                    ("peer_left", "The other side left"),
                ],
                max_length=13,
                verbose_name="why failed",
            ),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="first_frame_ms",
            field=models.FloatField(blank=True, null=True, verbose_name="first frame (ms)"),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="gathering_ms",
            field=models.FloatField(blank=True, null=True, verbose_name="gathering (ms)"),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="ice_ms",
            field=models.FloatField(blank=True, null=True, verbose_name="ICE (ms)"),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="local_candidate",
            field=models.CharField(
                blank=True,
                choices=[
                    ("host", "Direct"),
                    ("srflx", "Behind a router (srflx)"),
                    ("prflx", "Behind a router (prflx)"),
                    ("relay", "Relayed"),
                ],
                max_length=5,
                verbose_name="own candidate",
            ),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="protocol",
            field=models.CharField(
                blank=True,
                choices=[("udp", "UDP"), ("tcp", "TCP"), ("tls", "TLS")],
                max_length=3,
                verbose_name="protocol",
            ),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="remote_candidate",
            field=models.CharField(
                blank=True,
                choices=[
                    ("host", "Direct"),
                    ("srflx", "Behind a router (srflx)"),
                    ("prflx", "Behind a router (prflx)"),
                    ("relay", "Relayed"),
                ],
                max_length=5,
                verbose_name="other candidate",
            ),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="result",
            field=models.CharField(
                choices=[("connected", "Connected"), ("failed", "Failed"), ("stopped", "Ended before it was decided")],
                default="connected",
                max_length=9,
                verbose_name="result",
            ),
        ),
        migrations.AddField(
            model_name="connectionreport",
            name="signalling_ms",
            field=models.FloatField(blank=True, null=True, verbose_name="signalling (ms)"),
        ),
        migrations.AddConstraint(
            model_name="connectionreport",
            constraint=models.UniqueConstraint(
                fields=("session", "attempt", "role"), name="report_one_per_attempt_and_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="connectionreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accepted", False),
                    models.Q(
                        ("connection_time_ms", None), ("reason", ""), models.Q(("result", "connected"), _negated=True)
                    ),
                    models.Q(
                        ("connection_time_ms__gt", 0),
                        ("connection_time_ms__isnull", False),
                        ("connection_time_ms__lte", 120000),
                        ("reason", ""),
                    ),
                    _connector="OR",
                ),
                name="report_accepted_is_in_range",
            ),
        ),
    ]
