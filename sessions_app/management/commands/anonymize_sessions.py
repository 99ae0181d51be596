from sessions_app.jobs import anonymize_sessions
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Remove names, topics and notes from visits that ended long ago."
    job = staticmethod(anonymize_sessions)
