from sessions_app.jobs import session_cleanup
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Close the visits of customers who have gone, expire old visits and remove old logins."
    job = staticmethod(session_cleanup)
