"""Runs a command with a throw-away PostgreSQL for as long as it lasts."""

import argparse
import os

from reglab.config.nearest_word import nearest
from reglab.errors import ServerError
from reglab.postgres import command_child
from reglab.postgres.database_url import VARIABLE
from reglab.postgres.server import Server
from reglab.postgres.server_settings import PROFILES


def run(options: argparse.Namespace) -> int:
    """Start the server, run the command with DATABASE_URL set, and return the command's exit code.

    Raises ServerError.
    """
    if options.profile not in PROFILES:
        raise ServerError(
            f"no profile of server settings is called {options.profile!r}{nearest(options.profile, PROFILES)}"
        )
    with Server.throwaway(settings=PROFILES[options.profile], tcp=options.tcp) as server:
        server.create_database(options.name)
        url = server.tcp_url(options.name) if options.tcp else server.url(options.name)
        return command_child.run(options.words, environment={**os.environ, VARIABLE: url})
