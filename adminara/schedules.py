"""What runs when: job name, function, cron line (minute hour day month weekday, in TIME_ZONE)."""

SCHEDULES = [
    ("turn_rotation", "sessions_app.jobs.turn_rotation", "0 0 * * 0"),
    ("turn_upkeep", "sessions_app.jobs.turn_upkeep", "*/10 * * * *"),
    ("session_cleanup", "sessions_app.jobs.session_cleanup", "0 * * * *"),
    ("desk_hours", "sessions_app.jobs.desk_hours", "*/10 * * * *"),
    ("desk_minutes", "sessions_app.jobs.desk_minutes", "* * * * *"),
    ("queue_sweep", "sessions_app.jobs.queue_sweep", "* * * * *"),
    # Every hour, so that no table outgrows its cap by more than an hour's rows, and no run has much to delete.
    ("delete_old_logs", "monitoring.jobs.delete_old_logs", "20 * * * *"),
    ("quality_ageing", "sessions_app.jobs.quality_ageing", "40 4 * * *"),
    ("anonymize_sessions", "sessions_app.jobs.anonymize_sessions", "0 3 * * 0"),
]
