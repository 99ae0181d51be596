from sessions_app.jobs import turn_upkeep
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Go on with an interrupted rotation of the TURN secret, and remove old ones whose time is over."
    job = staticmethod(turn_upkeep)
