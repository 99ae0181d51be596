"""Why a message was not sent, without what must not be shown: neither an address nor a token is ever part of it."""


class NotSent(Exception):
    """`told` is a code that monitoring.alerting.words has a sentence for, and after ": " what the other side said.

    `lasting` when trying again would not help before somebody has changed something; `after_s` when the other side
    asked for so many seconds of peace.
    """

    def __init__(self, told: str, *, lasting: bool = False, after_s: float | None = None) -> None:
        super().__init__(told)
        self.told, self.lasting, self.after_s = told[:500], lasting, after_s
