"""Error that stops the scoreboard, in one sentence for whoever started it."""


class ScoreboardError(Exception):
    """The scoreboard cannot go on; the message says why and what to do."""
