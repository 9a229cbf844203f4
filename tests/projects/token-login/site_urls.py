"""Parts over the API, for those who have a token."""

from django.urls import include, path
from rest_framework import serializers, viewsets
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.routers import SimpleRouter
from stock.models import Part


class PartSerializer(serializers.ModelSerializer):
    """A part as the API shows it."""

    class Meta:
        model = Part
        fields = ("id", "name")


class PartViewSet(viewsets.ModelViewSet):
    """Parts, to read and to write."""

    queryset = Part.objects.order_by("pk")
    serializer_class = PartSerializer


router = SimpleRouter()
router.register("parts", PartViewSet)
urlpatterns = [path("token/", obtain_auth_token), path("", include(router.urls))]
