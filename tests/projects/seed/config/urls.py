"""The admin, and the API below /api/."""

from django.contrib import admin
from django.urls import include, path
from orders.views import CustomerViewSet, OrderItemViewSet, OrderViewSet, seed
from rest_framework.routers import DefaultRouter

router = DefaultRouter()
router.register("customers", CustomerViewSet)
router.register("orders", OrderViewSet)
router.register("items", OrderItemViewSet)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/dev/seed/", seed),
    path("api/", include(router.urls)),
]
