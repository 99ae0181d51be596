"""What can go wrong at the desk, each with an HTTP status and a sentence that tells the person what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DeskError(Exception):
    status = 409
    is_refusal = True  # an answer to a person, not a failure of ours
    retry_after: int | None = None  # seconds, where trying again later helps
    sentence: str | Promise = ""

    def __init__(self, sentence: str | Promise = "") -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return str(self.sentence)


class NobodyWaiting(DeskError):
    sentence = _("Nobody is waiting. New customers appear in the queue by themselves.")


class AlreadyTaken(DeskError):
    sentence = _("This customer is no longer waiting: a colleague took them, or they left. Take the next one.")


class MessageTaken(DeskError):
    sentence = _("This message is not to be answered any more: a colleague took it, or the customer withdrew it.")


class HandsFull(DeskError):
    sentence = _("You have a customer already. End that session or hand it back before you take another.")


class WrongState(DeskError):
    sentence = _("This session has moved on meanwhile. Reload the page to see where it stands.")


class NotYours(DeskError):
    status = 403
    sentence = _("This customer is with a colleague. Only that colleague can end the session or hand it back.")


class DutyMoved(DeskError):
    sentence = _("Your state has changed meanwhile, perhaps in another tab. Look at where you stand, then press again.")


class CallFirst(DeskError):
    sentence = _("You have a customer. End the session or hand it back first, then pause or stop work.")


class NotOnDuty(DeskError):
    sentence = _("You are not on duty. Press Start work first.")


class TooLate(DeskError):
    sentence = _("This session can no longer be written up: you have gone on since. Tell an administrator what to add.")


class UnknownSession(DeskError):
    status = 404
    sentence = _("There is no such session. Go back to the desk and choose one from the list.")


class LinkUnknown(DeskError):
    status = 404
    sentence = _("This link is not valid. Check that you copied all of it, or join the queue again.")


class LinkExpired(DeskError):
    status = 410
    sentence = _("This link has expired. Join the queue again to get a new one.")


class SessionOver(DeskError):
    status = 410
    sentence = _("This session is over. If you still need help, join the queue again.")


class WrongMethod(DeskError):
    status = 405
    sentence = _("This address does not work that way. Go back and use the buttons on the page.")

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__()


class InvalidInput(DeskError):
    status = 422
    sentence = _("Something in the form cannot be used. Correct it and send it again.")


class BadAddress(InvalidInput):
    """What an address asks for, such as a window or a filter, not what a form would do."""

    status = 400


class DeskClosed(DeskError):
    status = 503

    def __init__(self, opens: str, retry_after: int) -> None:
        """`opens` is when, in words; `retry_after` the seconds until then."""
        self.retry_after = retry_after
        super().__init__(
            _("The desk is closed. It opens again on %(when)s. Leave a message: somebody will answer it.")
            % {"when": opens}
        )


class QueueFull(DeskError):
    status = 503
    retry_after = 60
    sentence = _("Too many people are waiting already. Leave a message, or try again in a few minutes.")


class TooMany(DeskError):
    status = 429

    def __init__(self, retry_after: int) -> None:
        """`retry_after` is in whole seconds, at least 1."""
        self.retry_after = retry_after
        super().__init__(
            _("Too many tries from your address. Wait %(seconds)s seconds and try again.") % {"seconds": retry_after}
        )
