"""Texts for people in what the settings are made of."""


def marked(text: str) -> str:
    """The text, marked for translation. Django's gettext_noop would look at the settings, which are being made."""
    return text
