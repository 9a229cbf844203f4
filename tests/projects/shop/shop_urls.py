"""The shop's paths: function views, a class-based view, and one of Django REST Framework's."""

from catalogue import views
from django.urls import path

urlpatterns = [
    path("books/", views.books, name="books"),
    path("books/<int:pk>/", views.BookDetail.as_view(), name="book"),
    path("books/<int:pk>/sell/", views.sell, name="sell"),
    path("search/", views.search, name="search"),
    path("authors/", views.AuthorList.as_view(), name="authors"),
]
