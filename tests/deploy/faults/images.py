"""Faults of the images."""

from tests.deploy.faults.fault import DOCKERFILE, edit

FAULTS = (
    edit(
        "packages without hashes",
        DOCKERFILE,
        " --require-hashes",
        "",
        "test_packages_are_installed_by_their_hashes",
    ),
    edit(
        "the image is root",
        DOCKERFILE,
        "EXPOSE 8000",
        "USER 0:0\nEXPOSE 8000",
        "test_the_image_is_its_own_user",
    ),
    edit(
        "a shell keeps the signal",
        DOCKERFILE,
        'CMD ["gunicorn", "--config", "python:service.server.config",',
        'CMD gunicorn "--config", "python:service.server.config",',
        "test_the_server_gets_the_signal",
    ),
    edit(
        "a secret as a build argument",
        DOCKERFILE,
        "ARG REVISION=unknown",
        "ARG REVISION=unknown\nARG SECRET_KEY",
        "test_no_secret_is_in_the_image",
    ),
)
