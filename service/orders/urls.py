"""The API's paths."""

from rest_framework.routers import SimpleRouter

from service.orders import views

router = SimpleRouter(use_regex_path=False)
router.register("customers", views.CustomerViewSet, basename="customer")
router.register("orders", views.OrderViewSet, basename="order")
router.register("items", views.OrderItemViewSet, basename="item")

urlpatterns = router.urls
