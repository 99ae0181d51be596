"""E-mail to the addresses in ALERT_EMAILS, through Django's mail settings."""

from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage

from monitoring.alerting.channels.errors import NotSent
from monitoring.alerting.messages import Message

PERMANENT = range(500, 600)  # SMTP's "do not try again"


def configured() -> bool:
    return bool(settings.ALERT_EMAILS)


def where() -> str:
    """The mail server; the addresses are people's."""
    return settings.EMAIL_HOST or "console"


def send(message: Message) -> None:
    headers = {"X-AdminAra-Message": message.id, "Auto-Submitted": "auto-generated"}
    mail = EmailMessage(message.subject, message.text, bcc=settings.ALERT_EMAILS, headers=headers)
    told, lasting = "", False
    try:
        mail.send()
    except SMTPAuthenticationError as error:
        told, lasting = f"mail_login: {error.smtp_code}", True
    except SMTPRecipientsRefused:
        told, lasting = "mail_refused: 550", True
    except SMTPResponseException as error:
        told, lasting = f"mail_refused: {error.smtp_code}", error.smtp_code in PERMANENT
    except (SMTPException, OSError) as error:
        told = f"unreachable: {type(error).__name__}"
    if told:
        raise NotSent(told, lasting=lasting)
