from sessions_app.jobs import desk_hours
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Count the hours of the desk that are over, which the board then need not count again."
    job = staticmethod(desk_hours)
