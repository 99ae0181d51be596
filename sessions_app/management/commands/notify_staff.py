from sessions_app.jobs import notify_staff
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Mail the staff of the desk that customers are waiting."
    job = staticmethod(notify_staff)
