"""The admin: customers, and orders with their lines. Totals follow the lines here too."""

from typing import TYPE_CHECKING

from django.contrib import admin

from service.orders.models import Customer, Order, OrderItem

if TYPE_CHECKING:
    CustomerAdminBase = admin.ModelAdmin[Customer]
    OrderAdminBase = admin.ModelAdmin[Order]
    OrderItemAdminBase = admin.ModelAdmin[OrderItem]
    OrderItemInlineBase = admin.TabularInline[OrderItem, Order]
else:
    CustomerAdminBase = OrderAdminBase = OrderItemAdminBase = admin.ModelAdmin
    OrderItemInlineBase = admin.TabularInline


@admin.register(Customer)
class CustomerAdmin(CustomerAdminBase):
    """Customers, found by name or address."""

    list_display = ["id", "name", "email", "is_active", "created_at"]
    list_display_links = ["id", "name"]
    list_filter = ["is_active"]
    search_fields = ["name", "email"]
    readonly_fields = ["created_at"]
    ordering = ["-pk"]
    show_full_result_count = False


class OrderItemInline(OrderItemInlineBase):
    """The lines inside an order's form."""

    model = OrderItem
    extra = 0


@admin.register(Order)
class OrderAdmin(OrderAdminBase):
    """Orders with their lines; the total is the lines' affair."""

    list_display = ["id", "customer", "status", "total_cents", "is_archived", "created_at"]
    list_filter = ["status", "is_archived"]
    list_select_related = ["customer"]
    search_fields = ["=id", "customer__email", "customer__name"]
    autocomplete_fields = ["customer"]
    readonly_fields = ["total_cents", "created_at", "updated_at"]
    inlines = [OrderItemInline]
    ordering = ["-created_at", "-pk"]
    show_full_result_count = False


@admin.register(OrderItem)
class OrderItemAdmin(OrderItemAdminBase):
    """Single lines, found by SKU; a line can be moved to another order."""

    list_display = ["id", "order", "sku", "quantity", "unit_price_cents"]
    list_select_related = ["order"]
    search_fields = ["sku", "=order__id"]
    autocomplete_fields = ["order"]
    ordering = ["-pk"]
    show_full_result_count = False
