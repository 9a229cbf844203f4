"""Filters that narrow a list of orders."""

import django_filters

from service.orders.models import Order, OrderStatus


class OrderFilter(django_filters.FilterSet):
    """`?status=` exactly, `?email=` anywhere in the customer's address in any case, or both."""

    status = django_filters.ChoiceFilter(choices=OrderStatus.choices)
    email = django_filters.CharFilter(
        field_name="customer__email", lookup_expr="icontains", strip=False, max_length=254
    )

    class Meta:
        model = Order
        fields: list[str] = []
