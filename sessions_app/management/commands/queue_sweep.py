from sessions_app.jobs import queue_sweep
from sessions_app.management.job_command import JobCommand


class Command(JobCommand):
    help = "Close the visits of customers who have gone, and put unanswered claims back into the queue."
    job = staticmethod(queue_sweep)
