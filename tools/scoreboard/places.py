"""Paths of the scoreboard's parts, and of what need not be committed."""

from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
SCOREBOARD: Final = PROJECT / "tools" / "scoreboard"
PEERS: Final = SCOREBOARD / "peers"
REQUIREMENTS: Final = SCOREBOARD / "requirements"
PEERS_FILE: Final = SCOREBOARD / "peers.toml"
RESULTS: Final = SCOREBOARD / "results.jsonl"
# The scenarios that the peers have records for, a name a line: `--record` brings it up to date with the suite.
ASKED: Final = SCOREBOARD / "asked.txt"
PAGE: Final = PROJECT / "docs" / "scoreboard.md"
README: Final = PROJECT / "README.md"

# Ignored by git: environments, copies of the service, baselines that hold for one machine.
STATE: Final = PROJECT / "var" / "scoreboard"
ENVIRONMENTS: Final = STATE / "environments"
# What was measured since the page was last written: the committed results, the page and the README change together.
PENDING: Final = STATE / "results.jsonl"
OWN_RESULTS: Final = PROJECT / "var" / "planted" / "results.jsonl"
