"""The time of each endpoint's request, as asv's page "Writing benchmarks" has it: parameters, setup, setup_cache."""

from tools.scoreboard.shared.scenarios import bound_values, build_dataset, chosen_scenarios, send


def _start() -> None:
    import django

    django.setup()


class Requests:
    """One request a benchmark, rolled back where it writes, so that the next sample finds the same rows."""

    params = [scenario.name for scenario in chosen_scenarios()]
    param_names = ["scenario"]

    def setup_cache(self) -> None:
        """Build the dataset once a commit: a commit may bring a migration."""
        _start()
        from django.core.management import call_command
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        call_command("migrate", verbosity=0)
        build_dataset()
        connection.close()

    def setup(self, scenario: str) -> None:
        """Connect, and bind the request's values."""
        _start()
        from django.test import Client

        self.scenario = next(one for one in chosen_scenarios() if one.name == scenario)
        self.client = Client()
        self.values = bound_values()

    def time_request(self, _: str) -> None:
        """Send it."""
        from django.db import transaction

        if not self.scenario.is_write:
            send(self.client, self.scenario, self.values)
            return
        with transaction.atomic():
            send(self.client, self.scenario, self.values)
            transaction.set_rollback(True)
