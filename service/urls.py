"""Every path of the service. The dev endpoints and the profiler exist only where the settings say so."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from service import health, identity
from service.orders.views import SeedView
from service.schema import SchemaView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("service.web.urls")),
    path("api/", include("service.orders.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("healthz/live", health.live, name="live"),
    path("healthz/ready", health.ready, name="ready"),
    path("admin/", admin.site.urls),
]
urlpatterns += identity.identity_paths()
if settings.DEV_ENDPOINTS:
    urlpatterns.append(path("api/dev/seed/", SeedView.as_view(), name="seed"))
if settings.SILK:
    urlpatterns.append(path("silk/", include("silk.urls", namespace="silk")))
