"""The page at /."""

from django.urls import path

from service.web import views

urlpatterns = [path("", views.page, name="page")]
