"""Tenants by domain, and what belongs to them."""

from django.db import models


class Tenant(models.Model):
    """Whoever has a domain here."""

    domain = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.domain


class Part(models.Model):
    """A thing of one tenant's."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name
