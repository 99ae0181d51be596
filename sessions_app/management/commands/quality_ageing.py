from sessions_app.jobs import quality_ageing
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Thin samples of the calls' quality that are older than a day, and drop those of DESK_KEEP_QUALITY days."
    job = staticmethod(quality_ageing)
