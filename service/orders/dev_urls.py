"""The paths that exist only where the environment enables the dev endpoints."""

from django.urls import path

from service.orders import views

urlpatterns = [path("seed/", views.SeedView.as_view(), name="seed")]
