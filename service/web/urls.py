"""The page at /."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
