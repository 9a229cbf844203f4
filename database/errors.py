"""What the supervisor raises when the user, or the machine, has to do something."""


class ServerError(Exception):
    """The server cannot be started, joined or used; the message says what to do, in words for a terminal."""
