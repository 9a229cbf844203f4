"""The changes that the audit must catch, each as small as in a pull request, and those that it must let pass."""

from dataclasses import dataclass

from tests.bench.planting import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A regression: the change, the scenarios that it concerns, and what the first finding must say."""

    name: str
    change: Change
    only: str
    rule: str
    endpoint: str
    said: tuple[str, ...]
    is_quick: bool = False


SELECTORS = "service/orders/selectors.py"
SERVICES = "service/orders/services.py"
SERIALIZERS = "service/orders/serializers.py"
VIEWS = "service/orders/views.py"
MODELS = "service/orders/models.py"

LIST = "GET /api/orders/"
FULL = 'Order.objects.select_related("customer").prefetch_related(lines).order_by("-created_at", "-pk")'
SUMMARY_LOOP = """
    rows = []
    for customer in Customer.objects.filter(is_active=True):
        orders = list(Order.objects.filter(customer=customer, status=OrderStatus.PAID, is_archived=False))
        if orders:
            cents = sum(order.total_cents for order in orders)
            rows.append((customer.pk, customer.email, len(orders), cents))
    rows = sorted(rows, key=lambda row: (-row[3], row[0]))[:limit]
"""
SUMMARY_QUERY = """
    rows = (
        Order.objects.filter(status=OrderStatus.PAID, is_archived=False, customer__is_active=True)
        .values("customer_id", email=F("customer__email"))
        .annotate(order_count=Count("*"), paid_cents=Sum("total_cents"))
        .order_by("-paid_cents", "customer_id")
        .values_list("customer_id", "email", "order_count", "paid_cents")[:limit]
    )
"""
EMAIL = '    customer_email = serializers.EmailField(source="customer.email", read_only=True)\n'
COUNTED = """    others = serializers.SerializerMethodField()

    def get_others(self, order):
        return order.customer.orders.count()

"""
ORDER_META = """
    class Meta:
        model = Order
        fields = [
            "id",
            "customer",
            "customer_email","""
ITEMS = "    items = OrderLineSerializer(many=True, read_only=True)\n" + ORDER_META
FILTERED_ITEMS = (
    """    items = serializers.SerializerMethodField()

    def get_items(self, order):
        return OrderLineSerializer(order.items.filter(quantity__gte=1).order_by("pk"), many=True).data
"""
    + ORDER_META
)
CANCELLED = '            order.save(update_fields=["status", "updated_at"])\n'


def migration(*statements: str) -> dict[str, str]:
    """Return one more migration of the service that runs SQL."""
    sql = ", ".join(repr(statement) for statement in statements)
    text = f"""from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_customer_email_trigram")]
    operations = [migrations.RunSQL(statement) for statement in [{sql}]]
"""
    return {"service/orders/migrations/0003_planted.py": text}


def replaced(name: str, before: str, after: str) -> Change:
    """Return a change of one text in one file."""
    return Change(replaced=((name, before, after),))


REGRESSIONS = (
    Plant(
        name="summary-as-a-loop",
        change=replaced(SELECTORS, SUMMARY_QUERY, SUMMARY_LOOP),
        only="summary",
        rule="growth-law",
        endpoint="GET /api/orders/summary/",
        said=("queries by orders", 'FROM "orders_order"', "selectors.py"),
        is_quick=True,
    ),
    Plant(
        name="lost-select-related",
        change=replaced(SELECTORS, 'Order.objects.select_related("customer").', "Order.objects."),
        only="list-orders",
        rule="growth-law",
        endpoint=LIST,
        said=("queries by orders", "orders_customer", "serializers.py"),
        is_quick=True,
    ),
    Plant(
        name="lost-prefetch",
        change=replaced(SELECTORS, ".prefetch_related(lines)", ""),
        only="list-orders",
        rule="growth-law",
        endpoint=LIST,
        said=("queries by orders", "orders_orderitem", "serializers.py"),
    ),
    Plant(
        name="filter-on-a-prefetched-relation",
        change=replaced(
            SERIALIZERS,
            ITEMS,
            FILTERED_ITEMS,
        ),
        only="list-orders",
        rule="growth-law",
        endpoint=LIST,
        said=("queries by orders", "orders_orderitem", "serializers.py", "get_items"),
    ),
    Plant(
        name="count-per-row",
        change=Change(
            replaced=(
                (
                    SERIALIZERS,
                    EMAIL,
                    EMAIL + COUNTED,
                ),
                (
                    SERIALIZERS,
                    '            "customer_email",\n',
                    '            "customer_email",\n            "others",\n',
                ),
            )
        ),
        only="list-orders",
        rule="growth-law",
        endpoint=LIST,
        said=("queries by orders", "COUNT(*)", "get_others"),
    ),
    Plant(
        name="only-omits-a-serialised-field",
        change=replaced(
            SELECTORS, FULL, FULL + '.only("customer__email", "status", "created_at", "updated_at", "is_archived")'
        ),
        only="list-orders",
        rule="growth-law",
        endpoint=LIST,
        said=("queries by orders", "total_cents", "serializers.py"),
    ),
    Plant(
        name="pagination-removed",
        change=replaced(
            VIEWS,
            "    serializer_class = serializers.OrderSerializer\n    write_serializers",
            "    serializer_class = serializers.OrderSerializer\n    pagination_class = None\n    write_serializers",
        ),
        only="list-orders",
        rule="queries-accepted",
        endpoint=LIST,
        said=("3 queries", "2 queries", "orders_order"),
    ),
    Plant(
        name="page-size-cap-removed",
        change=replaced("service/orders/limits.py", "MAX_PAGE_SIZE = 100", "MAX_PAGE_SIZE = 1_000_000"),
        only="list-orders-page-size-capped",
        rule="scenarios-measured",
        endpoint=LIST,
        said=("answered 200, expected 400", "page_size=101"),
        is_quick=True,
    ),
    Plant(
        name="status-index-dropped",
        change=Change(added=migration("DROP INDEX order_listed_status")),
        only="list-orders-by-status",
        rule="indexes-accepted",
        endpoint=LIST,
        said=("orders_order", "status"),
        is_quick=True,
    ),
    Plant(
        name="trigram-index-dropped",
        change=Change(added=migration("DROP INDEX customer_email_trigram")),
        only="list-orders-by-email",
        rule="growth-law",
        endpoint=LIST,
        said=("rows_read by unrelated", "orders_customer", "email"),
    ),
    Plant(
        name="function-on-a-filtered-column",
        change=replaced(
            "service/orders/filters.py",
            "status = django_filters.ChoiceFilter(choices=OrderStatus.choices)",
            'status = django_filters.ChoiceFilter(choices=OrderStatus.choices, lookup_expr="iexact")',
        ),
        only="list-orders-by-status",
        rule="indexes-accepted",
        endpoint=LIST,
        said=("orders_order", "status", "upper"),
    ),
    Plant(
        name="extra-serializer-field",
        change=Change(
            replaced=(
                (
                    SERIALIZERS,
                    EMAIL,
                    EMAIL + EMAIL.replace("email", "name").replace("EmailField", "CharField"),
                ),
                (
                    SERIALIZERS,
                    '            "customer_email",\n',
                    '            "customer_email",\n            "customer_name",\n',
                ),
            )
        ),
        only="list-orders",
        rule="payload-accepted",
        endpoint=LIST,
        said=("response_bytes", "customer_name"),
    ),
    Plant(
        name="cancel-deletes-the-customer",
        change=replaced(
            MODELS,
            "class OrderItem(models.Model):",
            "from django.db.models.signals import post_save\n"
            "from django.dispatch import receiver\n\n\n"
            "@receiver(post_save, sender=Order)\n"
            "def on_order_saved(sender, instance, created, **kwargs):\n"
            "    if instance.status == OrderStatus.CANCELLED:\n"
            "        Order.objects.filter(customer=instance.customer).delete()\n"
            "        instance.customer.delete()\n\n\n"
            "class OrderItem(models.Model):",
        ),
        only="cancel-order",
        rule="writes-inside-contract",
        endpoint="POST /api/orders/{pk}/cancel/",
        said=("orders_customer delete", "1 row", "models.py", "on_order_saved"),
        is_quick=True,
    ),
    Plant(
        name="get-updates-a-row",
        change=replaced(
            VIEWS,
            "    filterset_class = OrderFilter\n",
            "    filterset_class = OrderFilter\n\n    def retrieve(self, request, *args, **kwargs):\n"
            "        Order.objects.filter(pk=kwargs['pk']).update(is_archived=False)\n"
            "        return super().retrieve(request, *args, **kwargs)\n\n",
        ),
        only="show-archived-order",
        rule="writes-inside-contract",
        endpoint="GET /api/orders/{pk}/",
        said=("orders_order update", "views.py", "retrieve"),
    ),
    Plant(
        name="save-without-update-fields",
        change=replaced(SERVICES, CANCELLED, "            order.save()\n"),
        only="cancel-order",
        rule="writes-inside-contract",
        endpoint="POST /api/orders/{pk}/cancel/",
        said=("orders_order update columns", "customer_id", "cancel_order"),
    ),
    Plant(
        name="archive-without-its-filter",
        change=replaced(
            SERVICES,
            '            order.save(update_fields=["is_archived", "updated_at"])\n',
            "            Order.objects.update(is_archived=True)\n",
        ),
        only="archive-order",
        rule="writes-inside-contract",
        endpoint="POST /api/orders/{pk}/archive/",
        said=("orders_order update", "services.py", "archive_order"),
    ),
    Plant(
        name="trigger-that-writes-elsewhere",
        change=Change(
            added=migration(
                "CREATE FUNCTION touch_customer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "UPDATE orders_customer SET name = name || '.' WHERE id = NEW.customer_id; RETURN NEW; END $$",
                "CREATE TRIGGER order_touches AFTER UPDATE ON orders_order "
                "FOR EACH ROW EXECUTE FUNCTION touch_customer()",
            )
        ),
        only="cancel-order",
        rule="writes-inside-contract",
        endpoint="POST /api/orders/{pk}/cancel/",
        said=("orders_customer update 1 row", "cancel_order"),
        is_quick=True,
    ),
    Plant(
        name="on-commit-write-done-twice",
        change=replaced(
            SERVICES,
            CANCELLED,
            CANCELLED
            + "            for _ in range(2):\n"
            + '                transaction.on_commit(lambda: order.save(update_fields=["updated_at"]))\n',
        ),
        only="cancel-order",
        rule="writes-inside-contract",
        endpoint="POST /api/orders/{pk}/cancel/",
        said=("orders_order update 3 rows", "the write-set allows 1", "cancel_order"),
    ),
    Plant(
        name="raw-cursor-in-a-loop",
        change=replaced(
            SELECTORS,
            "    return [\n        SummaryRow(",
            "    from django.db import connection\n\n"
            "    rows = list(rows)\n"
            "    for row in rows:\n"
            "        with connection.connection.cursor() as cursor:\n"
            '            cursor.execute("SELECT name FROM orders_customer WHERE id = %s", [row[0]])\n'
            "    return [\n        SummaryRow(",
        ),
        only="summary",
        rule="growth-law",
        endpoint="GET /api/orders/summary/",
        said=("raw_statements by orders", "orders_customer", "selectors.py", "top_customers"),
    ),
    Plant(
        name="batch-size-one",
        change=replaced(
            "service/orders/seeding.py",
            "Customer.objects.bulk_create(_customers(size))",
            "Customer.objects.bulk_create(_customers(size), batch_size=1)",
        ),
        only="seed",
        rule="queries-accepted",
        endpoint="POST /api/dev/seed/",
        said=("102 queries", 'INSERT INTO "orders_customer"', "seeding.py"),
    ),
    Plant(
        name="quadratic-loop",
        change=replaced(
            SELECTORS,
            "    return [\n        SummaryRow(",
            "    rows = list(rows)\n"
            "    rows = [row for row in rows if sum(other[0] == row[0] for other in rows)]\n"
            "    return [\n        SummaryRow(",
        ),
        only="summary",
        rule="calls-accepted",
        endpoint="GET /api/orders/summary/",
        said=("calls", "selectors.py", "top_customers"),
    ),
)

NEUTRAL = {
    "renamed-helper": replaced(SERVICES, "_locked_order", "_order_under_lock"),
    "reordered-imports": replaced(
        SERVICES,
        "from django.db import IntegrityError, transaction\nfrom django.db.models import ProtectedError\n",
        "from django.db.models import ProtectedError\nfrom django.db import transaction, IntegrityError\n",
    ),
    "comments": replaced(SERVICES, "def cancel_order(", "# One\n# more\n# comment.\n\n\ndef cancel_order("),
    "moved-function": Change(
        replaced=((SERVICES, "def _assign(", "from service.orders.moved import _assign\n\n\ndef _assign_as_it_was("),),
        added={
            "service/orders/moved.py": "def _assign(instance, changes):\n"
            "    for name, value in changes.items():\n        setattr(instance, name, value)\n"
        },
    ),
}
