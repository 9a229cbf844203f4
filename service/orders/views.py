"""The endpoints: each checks its query, asks a selector or a service, and answers in JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from service.orders import limits, selectors, serializers, services
from service.orders.filters import OrderFilter
from service.orders.models import Customer, Order, OrderItem
from service.orders.requests import inputs, openapi, permissions

PAGE_PARAMETERS = frozenset({"page", "page_size", "cursor"})
# An order is shown with its lines and its customer's address.
ORDER_IN_FULL = ("orders.view_order", "orders.view_orderitem")
EMAIL_TAKEN = {409: OpenApiResponse(openapi.INVALID_RESPONSE, description="The address is taken.")}
HAS_ORDERS = {
    204: None,
    409: OpenApiResponse(openapi.DETAIL_RESPONSE, description="The customer has orders: set `is_active` to false."),
}


class StrictViewSet(viewsets.ModelViewSet[Any]):
    """CRUD over integer ids that refuses query parameters which it does not know."""

    lookup_value_converter = "int"
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    known_parameters: Mapping[str, frozenset[str]] = {"list": PAGE_PARAMETERS}
    # Beside the model's own permissions, which follow from the action.
    other_permissions: Mapping[str, tuple[str, ...]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the query after the caller's rights and before any work."""
        super().initial(request, *args, **kwargs)
        if self.action:
            known = self.known_parameters.get(self.action, frozenset())
            # An empty cursor is the beginning.
            inputs.check_query(request, known=known, may_be_empty=("cursor",))

    def needed_permissions(self) -> list[str]:
        """Return the permissions that the action needs; a method that does not exist needs none to be refused."""
        needed = list(self.other_permissions.get(self.action, ()))
        if self.action in permissions.VERBS:
            model = self.get_queryset().model._meta  # noqa: SLF001  # Django's public name
            needed.append(f"{model.app_label}.{permissions.VERBS[self.action]}_{model.model_name}")
        return needed


@extend_schema_view(
    list=extend_schema(parameters=openapi.PAGE),
    create=extend_schema(responses={201: serializers.CustomerSerializer, **EMAIL_TAKEN}),
    update=extend_schema(responses={200: serializers.CustomerSerializer, **EMAIL_TAKEN}),
    partial_update=extend_schema(responses={200: serializers.CustomerSerializer, **EMAIL_TAKEN}),
    destroy=extend_schema(responses=HAS_ORDERS),
)
class CustomerViewSet(StrictViewSet):
    """Customers, newest first. One with orders cannot be deleted: retire it with `is_active`."""

    serializer_class = serializers.CustomerSerializer
    known_parameters = {"list": PAGE_PARAMETERS, "orders": PAGE_PARAMETERS}
    other_permissions = {"orders": ("orders.view_customer", *ORDER_IN_FULL)}

    def get_queryset(self) -> QuerySet[Customer]:
        """Return the rows that the action may see."""
        return selectors.customers()

    def perform_destroy(self, instance: Customer) -> None:
        """Delete through the service."""
        services.delete_customer(instance)

    @extend_schema(parameters=openapi.PAGE, responses=serializers.OrderSerializer(many=True))
    @action(detail=True, serializer_class=serializers.OrderSerializer)
    def orders(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """List a customer's orders, newest first, without the archived ones."""
        customer = get_object_or_404(Customer.objects.only("pk"), pk=pk)
        page = self.paginate_queryset(selectors.listed_orders().filter(customer=customer))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


@extend_schema_view(
    list=extend_schema(parameters=[*openapi.PAGE, *openapi.ORDER_FILTERS]),
    create=extend_schema(request=serializers.OrderCreateSerializer, responses={201: serializers.OrderSerializer}),
    update=extend_schema(request=serializers.OrderUpdateSerializer, responses=serializers.OrderSerializer),
    partial_update=extend_schema(request=serializers.OrderUpdateSerializer, responses=serializers.OrderSerializer),
)
class OrderViewSet(StrictViewSet):
    """Orders with their lines, newest first. The list hides archived ones; the detail shows them."""

    serializer_class = serializers.OrderSerializer
    write_serializers: Mapping[str, type[BaseSerializer[Any]]] = {
        "create": serializers.OrderCreateSerializer,
        "update": serializers.OrderUpdateSerializer,
        "partial_update": serializers.OrderUpdateSerializer,
    }
    filterset_class = OrderFilter
    known_parameters = {
        "list": PAGE_PARAMETERS | {"status", "email"},
        "summary": frozenset({"limit"}),
    }
    other_permissions = {
        "list": ORDER_IN_FULL,
        "retrieve": ORDER_IN_FULL,
        "create": ("orders.add_orderitem",),
        "cancel": ("orders.change_order",),
        "archive": ("orders.change_order",),
        "summary": ("orders.view_order", "orders.view_customer"),
    }

    def get_queryset(self) -> QuerySet[Order]:
        """Return the rows that the action may see."""
        if self.action == "list":
            return selectors.listed_orders()
        if self.action == "retrieve":
            return selectors.orders_in_full()
        return Order.objects.order_by("pk")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the list alone: a detail is named by its id."""
        if self.action != "list":
            return queryset
        return DjangoFilterBackend().filter_queryset(self.request, queryset, self)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Return the shape that the action reads or writes."""
        return self.write_serializers.get(self.action, super().get_serializer_class())

    def perform_destroy(self, instance: Order) -> None:
        """Delete through the service."""
        services.delete_order(instance)

    @extend_schema(request=None, responses=serializers.CancelledSerializer)
    @action(detail=True, methods=["post"], serializer_class=serializers.CancelledSerializer)
    def cancel(self, request: Request, pk: int) -> Response:
        """Cancel an order. Repeating it changes nothing, and nothing but the order changes."""
        inputs.check_no_body(request)
        return Response(self.get_serializer(services.cancel_order(pk)).data)

    @extend_schema(request=None, responses=serializers.ArchivedSerializer)
    @action(detail=True, methods=["post"], serializer_class=serializers.ArchivedSerializer)
    def archive(self, request: Request, pk: int) -> Response:
        """Hide an order from the lists and the summary. Repeating it changes nothing."""
        inputs.check_no_body(request)
        return Response(self.get_serializer(services.archive_order(pk)).data)

    @extend_schema(parameters=[openapi.SUMMARY_LIMIT], responses=serializers.SummarySerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def summary(self, request: Request) -> Response:
        """List the active customers with the largest total of paid, unarchived orders.

        Largest first, ties by id; a customer without such an order does not appear. One query.
        """
        limit = inputs.whole_number(request, "limit", default=limits.SUMMARY_LIMIT, maximum=limits.MAX_SUMMARY_LIMIT)
        return Response({"limit": limit, "rows": [asdict(row) for row in selectors.top_customers(limit=limit)]})


@extend_schema_view(list=extend_schema(parameters=openapi.PAGE))
class OrderItemViewSet(StrictViewSet):
    """The lines of orders, newest first. Each write brings the totals of the orders concerned up to date."""

    serializer_class = serializers.OrderItemSerializer

    def get_queryset(self) -> QuerySet[OrderItem]:
        """Return the rows that the action may see."""
        return selectors.items()

    def perform_destroy(self, instance: OrderItem) -> None:
        """Delete through the service."""
        services.delete_item(instance)


class SeedView(APIView):
    """Test data, where the environment enables it."""

    http_method_names = ["post"]

    def needed_permissions(self) -> list[str]:
        """Return the permissions that test data need."""
        return ["orders.add_customer", "orders.add_order", "orders.add_orderitem"]

    @extend_schema(request=serializers.SeedSerializer, responses={201: serializers.SeededSerializer})
    def post(self, request: Request) -> Response:
        """Make customers, orders and lines in bulk: three INSERT statements on PostgreSQL at the default size."""
        inputs.check_query(request, known=())
        serializer = serializers.SeedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        counts = services.seed(services.SeedSize(**serializer.validated_data))
        return Response(asdict(counts), status=status.HTTP_201_CREATED)
