"""Who may read /metrics: staff with the permission, or a scraper with the credential from the environment."""

import base64
import binascii
import hmac

from django.conf import settings
from django.http import HttpRequest


def may_scrape(request: HttpRequest) -> bool:
    """Without any credential set, only staff may, except in development, where this machine's own scrapers may too."""
    if request.user.is_authenticated and request.user.is_staff and request.user.has_perm("monitoring.view_panel"):
        return True
    header = request.headers.get("authorization", "")
    if accepts_token(header) or accepts_password(header):
        return True
    configured = settings.METRICS_TOKEN or settings.METRICS_PASSWORD
    return not configured and not settings.PRODUCTION and request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}


def accepts_token(header: str) -> bool:
    scheme, _, token = header.partition(" ")
    return bool(settings.METRICS_TOKEN) and scheme.lower() == "bearer" and same(token.strip(), settings.METRICS_TOKEN)


def accepts_password(header: str) -> bool:
    scheme, _, encoded = header.partition(" ")
    if not settings.METRICS_PASSWORD or scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return same(given, f"{settings.METRICS_USERNAME}:{settings.METRICS_PASSWORD}")


def same(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())
