"""URLs of the small site."""

from django.conf import settings
from django.urls import include, path, re_path, register_converter
from rest_framework.routers import DefaultRouter
from stock import views


class FourDigits:
    """A converter that takes no "1"."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


register_converter(FourDigits, "yyyy")
router = DefaultRouter()
router.register("notes", views.NoteSet)

urlpatterns = [
    path("mine/", views.mine),
    path("parts/", views.parts),
    path("parts/<uuid:pk>/", views.part),
    path("price_list/", views.parts),
    path("price-list/", views.parts),
    path("reports/<yyyy:year>/", views.by_year),
    re_path(r"^codes/(?P<code>[a-f0-9]{8})/$", views.by_code),
    path("hook/", views.Hook.as_view()),
    path("parts/new/", views.NewPart.as_view()),
    path("search/", views.search),
    path("closed/", views.closed),
    path("about/", views.about),
    path("login/", views.about),
    path("broken/", views.broken),
    path("slots/", views.slots),
    path("withheld/", views.withheld),
    path("reserved/", views.reserved),
    path("pledge/", views.pledge),
    path("api/", include(router.urls)),
]
if settings.DEBUG:
    urlpatterns.append(path("only-in-debug/", views.about))
