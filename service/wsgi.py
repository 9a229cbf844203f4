"""The WSGI application that gunicorn and the other servers load."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")

from service.identity import SignedAnswers  # its module needs the settings

application = SignedAnswers(get_wsgi_application())
