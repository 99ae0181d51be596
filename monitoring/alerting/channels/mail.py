"""E-mail to the addresses in ALERT_EMAILS, through Django's mail settings."""

from contextlib import closing
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from monitoring.alerting.channels.errors import NotSent
from monitoring.alerting.messages import Message

PERMANENT = 500  # from this reply on, SMTP says not to try again


def configured() -> bool:
    return bool(settings.ALERT_EMAILS)


def where() -> str:
    """The mail server; the addresses are people's."""
    return settings.EMAIL_HOST or "console"


def send(message: Message) -> None:
    headers = {"X-AdminAra-Message": message.id, "Auto-Submitted": "auto-generated"}
    told, code = "", 0
    try:
        with closing(get_connection()) as server:  # Django leaves it open when the login is refused
            EmailMessage(
                message.subject, message.text, bcc=settings.ALERT_EMAILS, headers=headers, connection=server
            ).send()
    except SMTPAuthenticationError as error:
        told, code = "mail_login", error.smtp_code
    except SMTPRecipientsRefused as error:
        told, code = "mail_refused", min(code for code, _text in error.recipients.values())
    except SMTPResponseException as error:
        told, code = "mail_refused", error.smtp_code
    except (SMTPException, OSError) as error:
        told = f"unreachable: {type(error).__name__}"
    if told:
        raise NotSent(f"{told}: {code}" if code else told, lasting=code >= PERMANENT)
