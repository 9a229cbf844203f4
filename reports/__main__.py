"""`python -m reports`: judge a run, show it, compare it, follow it over time."""

import sys

from reports.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
