"""`manage.py loadtest PROFILE`: supervises a load test in processes of its own, and writes its record."""

import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from database.errors import ServerError
from loadtests.errors import LoadTestError
from loadtests.profiles import find_profile
from loadtests.supervision import RECORD, LoadTest
from reports.record_files import read_record
from reports.records import RemarkKind

COULD_NOT_RUN = 2


class Command(BaseCommand):
    """Puts the service under a profile's load."""

    help = "Put the service under the load of a profile (smoke, average, stress, spike, soak, breakpoint)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the profile and where the run's files go."""
        parser.add_argument("profile", help="name of a profile in loadtests/profiles/, or the path of a TOML file")
        parser.add_argument("--run", type=Path, required=True, metavar="FOLDER", help="the run's folder")
        parser.add_argument(
            "--target", metavar="URL", help="an origin of loadtests/targets.toml; default: run the service"
        )
        parser.add_argument("--against", type=Path, metavar="RUN", help="an earlier run's folder to compare with")
        parser.add_argument("--drilldown", action="store_true", help="afterwards, a short pass under django-silk")
        parser.add_argument("--workers", type=int, default=1, help="load-generating processes (default 1)")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run it; one line and status 2 where it could not run, 130 after Ctrl-C."""
        signal.signal(signal.SIGTERM, _interrupt)
        folder: Path = options["run"].resolve()
        try:
            profile = find_profile(options["profile"])
            load_test = LoadTest(
                profile=profile,
                run_folder=folder,
                workers=options["workers"],
                target=options["target"],
                against=options["against"],
                drills_down=options["drilldown"],
            )
            load_test.run(say=self._say)
        except (LoadTestError, ServerError) as error:
            raise CommandError(str(error), returncode=COULD_NOT_RUN) from None
        except OSError as error:
            raise CommandError(f"the run's folder cannot be used: {error}", returncode=COULD_NOT_RUN) from None
        except KeyboardInterrupt:
            sys.exit(130)
        for remark in read_record(folder / RECORD).remarks:
            if remark.kind is not RemarkKind.NOTE:
                self.stderr.write(f"{remark.kind.value}: {remark.text}")
        self.stdout.write(f"wrote {folder / RECORD}")

    def _say(self, text: str) -> None:
        if sys.stdout.isatty() and not os.environ.get("CI"):
            self.stdout.write(f"\r\x1b[K{text}", ending="")
            self.stdout.flush()


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
