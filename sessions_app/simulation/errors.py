"""What stops a simulation, or one of its people; each message is one sentence for the person who started it."""


class SimulationError(Exception):
    """The simulation cannot go on."""


class AnswerLostError(Exception):
    """A request was sent and the connection ended before its answer came: it may or may not have been done."""


class UnexpectedError(Exception):
    """The server answered something that a browser could not go on with: that visit is over, the day goes on."""
