"""Moments as the store keeps them."""

from datetime import UTC, datetime


def moment(seconds: float) -> datetime:
    """The moment `seconds` after the epoch."""
    return datetime.fromtimestamp(seconds, UTC)
