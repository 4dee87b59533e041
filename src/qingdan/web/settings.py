"""Django settings, read from the environment. ``docs/settings.md`` lists them all."""

import os
import secrets
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from qingdan.web import env

HOME: Final = env.home()
DEBUG = env.flag("QINGDAN_DEBUG", default=False)
DEMO = env.flag("QINGDAN_DEMO", default=False)


def _secret_key() -> str:
    """Read the signing key from the environment or the data directory, and make one at the first start."""
    if key := os.environ.get("QINGDAN_SECRET_KEY"):
        return key
    path = HOME / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        HOME.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(50)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key)
        return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("QINGDAN_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("QINGDAN_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "qingdan.orders",
    "qingdan.people",
    "qingdan.policies",
    "qingdan.intake",
    "qingdan.customers",
    "qingdan.fulfilment",
    "qingdan.finance",
    "qingdan.cases",
    "qingdan.desk",
    "qingdan.alerts",
    "qingdan.oversight",
    "qingdan.campaigns",
    "qingdan.insight",
]

MIDDLEWARE = [
    "qingdan.web.logs.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "qingdan.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "qingdan.web.urls"
ASGI_APPLICATION = "qingdan.web.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": env.database(
        os.environ.get("DATABASE_URL", "postgresql:///qingdan"), pool=env.number("QINGDAN_DB_POOL", default=0)
    )
}
"""``qingdan`` commands start the embedded PostgreSQL and set ``DATABASE_URL`` before Django loads.

``qingdan serve`` sets ``QINGDAN_DB_POOL`` for its web processes: they answer each request on a thread of its own,
so that connections live in a pool and not with threads.
"""

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"
SHOP_ZONE = os.environ.get("QINGDAN_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in (Path(__file__).parent / "static",) if path.is_dir()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/ui/assets/"
"""The user interface's build puts a hash of the content into these names."""
UPLOADS = HOME / "uploads"
POLICY_HISTORY_DAYS = env.number("QINGDAN_POLICY_HISTORY_DAYS", default=400)

RELAY_LEASE_MS = env.number("QINGDAN_RELAY_LEASE_MS", default=60_000)
RELAY_ANSWER_MS = env.number("QINGDAN_RELAY_ANSWER_MS", default=10_000)
"""How long a claim on a push holds, and how long a warehouse may take to answer."""

PUBLIC_URL = os.environ.get("QINGDAN_PUBLIC_URL", "").rstrip("/")
"""Where people reach Qingdan from outside, for links in messages; without it messages carry none."""
ALERT_LEASE_MS = env.number("QINGDAN_ALERT_LEASE_MS", default=30_000)
ALERT_GATHER_MS = env.number("QINGDAN_ALERT_GATHER_MS", default=15_000)
ALERT_ANSWER_MS = env.number("QINGDAN_ALERT_ANSWER_MS", default=8_000)
"""How long a claim on a message holds, how long alerts are gathered for the next one, how long a robot may take."""
ALERT_HOSTS = [host for host in os.environ.get("QINGDAN_ALERT_HOSTS", "").split(",") if host]
"""Hosts beside the vendors' own that a robot's webhook may point to, such as a relay in the firm's network."""
EMAIL_HOST = os.environ.get("QINGDAN_SMTP_HOST", "localhost")
EMAIL_PORT = env.number("QINGDAN_SMTP_PORT", default=25)
EMAIL_HOST_USER = os.environ.get("QINGDAN_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("QINGDAN_SMTP_PASSWORD", "")
EMAIL_USE_SSL = env.flag("QINGDAN_SMTP_SSL", default=False)
EMAIL_USE_TLS = env.flag("QINGDAN_SMTP_STARTTLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("QINGDAN_SMTP_FROM", "qingdan@localhost")

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.flag("QINGDAN_HTTPS", default=False):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 << 20
FILE_UPLOAD_PERMISSIONS = 0o600

METRICS_TOKEN = os.environ.get("QINGDAN_METRICS_TOKEN", "")
"""What a collector of ``/metrics`` sends as a bearer token; without one only this computer may look."""
LOG_FORMAT: Final = os.environ.get("QINGDAN_LOG_FORMAT", "plain")
if LOG_FORMAT not in {"plain", "json"}:
    raise ImproperlyConfigured(f"QINGDAN_LOG_FORMAT must be plain or json; it is {LOG_FORMAT!r}.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "qingdan.web.logs.PlainLines",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "qingdan.web.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": os.environ.get("QINGDAN_LOG_LEVEL", "WARNING")},
}
