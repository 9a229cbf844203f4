"""The kiosk's paths."""

from django.urls import path
from stock import views

urlpatterns = [
    path("papers/", views.papers, name="papers"),
    path("papers/<int:pk>/sell/", views.sell, name="sell"),
]
