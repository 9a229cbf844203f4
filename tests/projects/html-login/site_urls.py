"""Pages for those who are logged in; the list asks for each task's owner."""

from django.contrib.auth import views as accounts
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.generic import CreateView, ListView, UpdateView
from stock.models import Task


class TaskList(LoginRequiredMixin, ListView):
    """All tasks."""

    queryset = Task.objects.order_by("pk")


class NewTask(LoginRequiredMixin, CreateView):
    """A form for a new task."""

    model = Task
    fields = ("owner", "title")
    success_url = "/"


class ChangedTask(LoginRequiredMixin, UpdateView):
    """A form for a task that is there."""

    model = Task
    fields = ("title",)
    success_url = "/"


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return redirect("/tasks/")


urlpatterns = [
    path("", home),
    path("tasks/", TaskList.as_view()),
    path("tasks/new/", NewTask.as_view()),
    path("tasks/<int:pk>/", ChangedTask.as_view()),
    path("accounts/login/", accounts.LoginView.as_view()),
]
