"""Settings, all from the environment (see .env.example); refuses to start on a missing secret."""

import base64
import binascii
import json
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from weerthuis.logs import configure_logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if env.bool("READ_DOT_ENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
# Demo mode belongs to the embedded servers' own data directory; tools/demo.py sets both.
DEMO = env.bool("WEERTHUIS_DEMO", default=False)
# Off only where there is no certificate: demo, development and tests on this machine itself.
HTTPS = env.bool("HTTPS", default=not DEBUG)


# Secrets ----------------------------------------------------------------------------------------


def _secret(name: str, *, shortest: int = 1) -> str:
    """A setting without which nothing starts, and for which no default exists."""
    value = env.str(name, default="").strip()
    if len(value) < shortest or "change-me" in value.lower():
        raise ImproperlyConfigured(
            f"{name} is missing or too weak: set it in the environment (see .env.example)."
        )
    return value


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32 or len(set(key)) < 8:
        raise ImproperlyConfigured(f"{name} must be 32 random bytes in base64.")
    return key


def _versioned_keys(name: str) -> dict[int, bytes]:
    """Keys as `1:base64,2:base64`; the highest version encrypts, all of them decrypt."""
    keys = {}
    for part in _secret(name).split(","):
        version, _colon, text = part.strip().partition(":")
        if not version.isdecimal() or not 1 <= int(version) <= 255 or int(version) in keys:
            raise ImproperlyConfigured(
                f"{name} must read '1:key', or '1:old,2:new': each key has its own version."
            )
        keys[int(version)] = _key(name, text)
    return keys


SECRET_KEY = _secret("SECRET_KEY", shortest=50)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
IDENTITY_KEYS = _versioned_keys("IDENTITY_KEYS")
BLIND_INDEX_KEY = _key("BLIND_INDEX_KEY", _secret("BLIND_INDEX_KEY"))
if BLIND_INDEX_KEY in IDENTITY_KEYS.values():
    raise ImproperlyConfigured("BLIND_INDEX_KEY must differ from every key in IDENTITY_KEYS.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEBUG else [])
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts of this site, and not '*'.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


# Database ---------------------------------------------------------------------------------------


def _database(name: str) -> dict[str, object]:
    settings = env.db_url_config(_secret(name))
    if settings["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} must be the address of a PostgreSQL database.")
    return {
        **settings,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": "weerthuis",
            **settings.get("OPTIONS", {}),
        },
    }


# "default" is the role weerthuis_application; "owner" migrates and is absent at run time.
DATABASES = {"default": _database("DATABASE_URL")}
if env.str("DATABASE_OWNER_URL", default=""):
    DATABASES["owner"] = _database("DATABASE_OWNER_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DEMO:
    _data = Path(_secret("WEERTHUIS_DATA_DIR"))
    _owned = json.loads((_data / "servers.json").read_text())
    if urlsplit(_secret("DATABASE_URL")).port != _owned["postgres_port"]:
        raise ImproperlyConfigured(
            "Demo mode works with its own embedded database only: unset DATABASE_URL."
        )


# Applications -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_filters",
    "crispy_forms",
    "crispy_bootstrap5",
    "pgtrigger",
    "pghistory",
    "regions",
    "accounts",
    "lists",
    "outflow",
    "housing",
    "steering",
    "example",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "weerthuis.urls"
WSGI_APPLICATION = "weerthuis.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "weerthuis.context.site",
                "weerthuis.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"


# People -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]


# Language and time ------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False


# Static files and uploads -----------------------------------------------------------------------

STATIC_URL = "/static/"
# Collected files exist in production only; elsewhere whitenoise serves from the sources.
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")) if HTTPS else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not HTTPS
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if HTTPS
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))
MEDIA_URL = ""  # uploads are never served by address
# An upload may be 50 MB; the rest of a form is small. The importer refuses what is larger.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700


# The browser ------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # Bootstrap draws its marks as data: images
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "weerthuis_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

if HTTPS:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env.bool("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
else:
    SESSION_COOKIE_NAME = "weerthuis_session"
    CSRF_COOKIE_NAME = "weerthuis_csrf"


# Mail -------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="weerthuis@localhost")


def _mailer() -> dict[str, object]:
    """A directory, a mail server, or a developer's terminal: never the logs of a real site."""
    backends = "django.core.mail.backends"
    if env.str("EMAIL_DIRECTORY", default=""):
        options: dict[str, object] = {"file_path": env.str("EMAIL_DIRECTORY")}
        return {"BACKEND": f"{backends}.filebased.EmailBackend", "OPTIONS": options}
    if env.str("EMAIL_HOST", default="") or not DEBUG:
        security = env.str("EMAIL_SECURITY", default="starttls")
        if security not in {"starttls", "tls", "off"}:
            raise ImproperlyConfigured("EMAIL_SECURITY must be starttls, tls or off.")
        options = {
            "host": env.str("EMAIL_HOST", default="") or "localhost",
            "port": env.int("EMAIL_PORT", default=587),
            "username": env.str("EMAIL_USER", default=""),
            "password": env.str("EMAIL_PASSWORD", default=""),
            "use_tls": security == "starttls",
            "use_ssl": security == "tls",
            "timeout": 10,
        }
        return {"BACKEND": f"{backends}.smtp.EmailBackend", "OPTIONS": options}
    return {"BACKEND": f"{backends}.console.EmailBackend"}


MAILERS = {"default": _mailer()}


# Jobs -------------------------------------------------------------------------------------------
# PostgreSQL holds the truth of every run; the broker only wakes the worker (weerthuis/celery.py).

REDIS_URL = _secret("REDIS_URL")
# The cache must not depend on the broker: with the broker gone the site works.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Names of tasks, never imports: beat only sends names. `expires` keeps a backlog from piling up
# while no worker listens.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "offer again what was lost or what died": {
        "task": "regions.tasks.offer_again",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "notice what changes a match": {
        "task": "housing.tasks.notice_changes",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "notice what changes an estimate": {
        "task": "outflow.tasks.notice_changes",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # The match comes first: it also brings the planned supply up to date for the estimate.
    "match every region": {
        "task": "housing.tasks.match_every_region",
        "schedule": crontab(hour=2, minute=0),
        "options": {"expires": 6 * 60 * 60},
    },
    # After the last matching of a month; whatever night it comes, a month is counted once.
    "count the month that is over": {
        "task": "housing.tasks.make_fairness",
        "schedule": crontab(hour=3, minute=15),
        "options": {"expires": 6 * 60 * 60},
    },
    "forget lists whose month is over": {
        "task": "lists.tasks.forget_expired",
        "schedule": crontab(hour=1, minute=30),
        "options": {"expires": 6 * 60 * 60},
    },
    "forget forms that were sent": {
        "task": "accounts.tasks.forget_submissions",
        "schedule": crontab(hour=1, minute=40),
        "options": {"expires": 6 * 60 * 60},
    },
    "look for people registered twice": {
        "task": "outflow.tasks.look_for_duplicates",
        "schedule": crontab(hour=1, minute=50),
        "options": {"expires": 6 * 60 * 60},
    },
    "estimate every region": {
        "task": "outflow.tasks.estimate_every_region",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 6 * 60 * 60},
    },
}

# Futures that an estimate draws: more draws, smoother bands, more seconds.
ESTIMATE_DRAWS = env.int("ESTIMATE_DRAWS", default=500)

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
# A message is a wake-up call: it is acknowledged after the work, may come twice, and a run that
# is finished or claimed by another stays as it is.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Publishing fails fast, so that a page never waits for a broker that is gone.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    # Of a publisher's connection; a worker tries for ever.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
}


# Logs -------------------------------------------------------------------------------------------

LOGGING_CONFIG = None
configure_logs(level=env.str("LOG_LEVEL", default="INFO"), readable=DEBUG)

SILENCED_SYSTEM_CHECKS: list[str] = []
