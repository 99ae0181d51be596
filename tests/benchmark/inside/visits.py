"""The desk from within: customers who join without a browser, and what the pages reported of their calls."""

from django.utils import timezone

from sessions_app import lifecycle, tokens
from sessions_app.models import ConnectionReport, Role


def join(count: int) -> list[str]:
    """The tokens of so many customers who have just joined."""
    now = timezone.now()
    sessions = [lifecycle.join(f"Customer {n}", "", "en", now) for n in range(count)]
    return [tokens.make(session.pk, Role.CUSTOMER) for session in sessions]


def setups() -> dict[str, list[float]]:
    """Milliseconds from the making of the connection until it was there, by role, as accepted."""
    accepted = ConnectionReport.objects.filter(accepted=True, result="connected").order_by("pk")
    times: dict[str, list[float]] = {role: [] for role in Role.values}
    for role, ms in accepted.values_list("role", "connection_time_ms"):
        times[role].append(ms)
    return times
