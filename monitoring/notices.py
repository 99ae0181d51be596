"""What the rest of the program would have the overview say: sentences that no number of the panel's own tells."""

from collections.abc import Callable, Iterable

from monitoring.guard import quiet

Notices = Callable[[], Iterable[str]]

readers: list[Notices] = []


def register_notices(reader: Notices) -> None:
    """Have `reader` asked each time the overview is drawn: sentences in the active language, or nothing to say.

    They stand below the verdict and do not change it: what is wrong now is for a gauge or a probe.
    """
    if reader not in readers:
        readers.append(reader)


def notices() -> list[str]:
    """What every reader says now; one that fails does not silence the others."""
    said: list[str] = []
    for reader in readers:
        with quiet("reading notices"):
            said += reader()
    return said
