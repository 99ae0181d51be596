from sessions_app.jobs import turn_rotation
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Sign TURN credentials with a new secret from now on."
    job = staticmethod(turn_rotation)
