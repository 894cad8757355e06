#!/usr/bin/env python
"""Django's command line for Weerthuis."""

import base64
import os
import secrets
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

# The two cores work on files alone: whoever tries them needs no database and no secrets.
ON_FILES_ALONE = {"match", "estimate"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weerthuis.settings")
    if len(sys.argv) > 1 and sys.argv[1] in ON_FILES_ALONE:
        _work_without_a_site()
    try:
        _ = settings.SECRET_KEY  # reads all settings: a refusal is one sentence, not a traceback
    except ImproperlyConfigured as refusal:
        sys.exit(str(refusal))
    execute_from_command_line(sys.argv)


def _work_without_a_site() -> None:
    """Settings that lead nowhere, for what is not set: nothing is kept, nothing is served."""

    def key() -> str:
        return base64.b64encode(os.urandom(32)).decode("ascii")

    for name, value in {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "IDENTITY_KEYS": f"1:{key()}",
        "BLIND_INDEX_KEY": key(),
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }.items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    main()
