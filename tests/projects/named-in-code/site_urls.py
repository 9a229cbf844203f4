"""APIViews that name a serializer, of the module or of their own, in a method, and a function that names its form."""

from django import forms
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from stock.models import Part


class PartSerializer(serializers.ModelSerializer[Part]):
    """What a client sends of a part."""

    class Meta:
        model = Part
        fields = ("code", "name")


class RenameForm(forms.Form):
    """A new name for all parts of a kind."""

    kind = forms.ChoiceField(choices=[("AA", "first"), ("BB", "second")])
    new_name = forms.CharField(max_length=40)


class Parts(APIView):
    """All parts, and a new one."""

    def get(self, request: Request) -> Response:
        return Response(PartSerializer(Part.objects.order_by("pk"), many=True).data)

    def post(self, request: Request) -> Response:
        serializer = PartSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class Merge(APIView):
    """One part takes the name of another."""

    class Input(serializers.Serializer[Part]):
        """The two parts, by their codes."""

        part = serializers.SlugRelatedField(slug_field="code", queryset=Part.objects.all())
        other = serializers.SlugRelatedField(slug_field="code", queryset=Part.objects.all())

        def validate(self, attrs: dict[str, Part]) -> dict[str, Part]:
            if attrs["part"] == attrs["other"]:
                raise serializers.ValidationError("A part is not merged with itself.")
            return attrs

    def post(self, request: Request) -> Response:
        wanted = self.Input(data=request.data)
        wanted.is_valid(raise_exception=True)
        part, other = wanted.validated_data["part"], wanted.validated_data["other"]
        Part.objects.filter(pk=part.pk).update(name=other.name)
        return Response({"name": other.name})


@csrf_exempt
def rename(request: HttpRequest) -> JsonResponse:
    form = RenameForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    changed = Part.objects.exclude(code__startswith=form.cleaned_data["kind"]).update(
        name=form.cleaned_data["new_name"]
    )
    return JsonResponse({"changed": changed})


urlpatterns = [path("parts/", Parts.as_view()), path("rename/", rename), path("merge/", Merge.as_view())]
