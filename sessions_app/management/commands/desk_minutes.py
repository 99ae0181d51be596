from sessions_app.jobs import desk_minutes
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Count the minutes of the desk that are over, which the console and the board then need not count again."
    job = staticmethod(desk_minutes)
