"""The door for gunicorn."""

import gc
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weerthuis.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as refusal:
    sys.exit(str(refusal))

# What was loaded so far stays as long as the process: the collector need not walk it again in the
# middle of a request.
gc.collect()
gc.freeze()
