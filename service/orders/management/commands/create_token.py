"""`manage.py create_token`: a token for a caller of the API, shown once and stored as a hash."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from knox.models import AuthToken

from service.orders.requests.permissions import ROLES

DAYS_DEFAULT = 90
DAYS_MAX = 366


class Command(BaseCommand):
    """Makes a token, and with --role the user that it belongs to."""

    help = "Make a token for the API. It is printed once: the database keeps its hash alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the user, the role and the token's life."""
        parser.add_argument("user", help="the name of the user that the token acts for")
        parser.add_argument("--role", choices=ROLES, help="create the user where need be, and put it into this group")
        parser.add_argument("--days", type=int, default=DAYS_DEFAULT, help="days until it expires (%(default)s)")

    def handle(self, **options: Any) -> None:
        """Make the token and print it."""
        if not 1 <= options["days"] <= DAYS_MAX:
            raise CommandError(f"--days must be 1 to {DAYS_MAX}; it is {options['days']}.")
        with transaction.atomic():
            user = _user(options["user"], role=options["role"])
            AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()
            _, token = AuthToken.objects.create(user=user, expiry=timedelta(days=options["days"]))
        self.stdout.write(token)


def _user(name: str, *, role: str | None) -> User:
    if role is None:
        try:
            return User.objects.get(username=name)
        except User.DoesNotExist:
            raise CommandError(f"There is no user {name!r}: add --role to make one.") from None
    user, _ = User.objects.get_or_create(username=name)
    group, _ = Group.objects.get_or_create(name=role)
    codenames = [permission.partition(".")[2] for permission in ROLES[role]]
    group.permissions.set(Permission.objects.filter(content_type__app_label="orders", codename__in=codenames))
    user.groups.set([group])
    return user
