"""What ends a self-test early; each message is a sentence or two for the operator: what failed, and what to do."""


class SelfTestError(Exception):
    """A part of the way does not work, or the self-test cannot begin."""
