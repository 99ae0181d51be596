"""AdminAra's settings: runs from a bare checkout, every value an operator may change comes through `env`.

docs/operating.md and the README's reference say what each variable means.
"""

from datetime import timedelta
from typing import Any

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from adminara import env, secret_key, shared
from adminara.alerts import alert_rules
from adminara.databases import databases
from adminara.logs import logging
from adminara.policies import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY
from adminara.schedules import SCHEDULES as JOB_SCHEDULES

__all__ = ["CONTENT_SECURITY_POLICY", "JOB_SCHEDULES", "PERMISSIONS_POLICY"]

# Lets classes such as ModelAdmin be written with their type argument, as the type checker wants them.
django_stubs_ext.monkeypatch()

# --- The installation ------------------------------------------------------------------------------------------------

VERSION = "0.1.0"
BASE_DIR = env.ROOT
PRODUCTION = env.choice("ADMINARA_ENV", "development", ("development", "production")) == "production"
DEBUG = env.flag("DEBUG", default=False)
DATA_DIR = env.folder("ADMINARA_DATA_DIR", BASE_DIR / "var")
WEB_HOST = env.text("ADMINARA_HOST", "127.0.0.1")
WEB_PORT = env.number("ADMINARA_PORT", 8000, least=1, most=65535)

if not (SECRET_KEY := env.secret("SECRET_KEY")):
    SECRET_KEY = secret_key.load_or_create(DATA_DIR / "secret_key")
    env.read.made("SECRET_KEY")
ALLOWED_HOSTS = env.csv("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.csv("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, least=0, most=10)

# --- What it is made of ----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "monitoring",
    "sessions_app",
    "channels",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_prometheus",
    "django_q",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "sessions_app.limits.LoginThrottle",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "adminara.urls"
ASGI_APPLICATION = "adminara.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- Databases -------------------------------------------------------------------------------------------------------

DATABASES = databases(env.database_url("DATABASE_URL"), DATA_DIR)
DATABASE_ROUTERS = ["monitoring.router.TelemetryRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Channel layer, cache and jobs -----------------------------------------------------------------------------------

REDIS_URL = env.redis_url("REDIS_URL")
CHANNEL_LAYERS = shared.channel_layers(REDIS_URL)
CACHES = shared.caches(REDIS_URL)
# Where joins, logins and notices are counted against their limits.
RATE_LIMITS = REDIS_URL or shared.MEMORY
WEB_PROCESSES = env.number("WEB_PROCESSES", 1, least=1, most=64)

# Jobs that nothing schedules: they are enqueued when something happens.
JOBS_ON_DEMAND = ("notify_staff", "desk_selftest", "notify")
JOB_MAX_ATTEMPTS = env.number("JOB_MAX_ATTEMPTS", 5, least=1, most=20)
JOB_RETRY_PAUSE = env.number("JOB_RETRY_PAUSE", 2, least=1, most=3600)
JOB_TIMEOUT = env.number("JOB_TIMEOUT", 60, least=1, most=3600)
Q_CLUSTER = {
    "name": "adminara",
    "orm": "default",
    "workers": env.number("JOB_WORKERS", 2, least=1, most=64),
    "timeout": JOB_TIMEOUT,
    # A job whose worker died is handed out again this many seconds after it was begun, or taken and not begun.
    "retry": env.number("JOB_REDELIVERY", JOB_TIMEOUT + 30, least=2, most=7200),
    # A failed job is acknowledged: monitoring.retries enqueues the next attempt itself, with a growing pause.
    "ack_failures": True,
    "max_attempts": 0,
    "save_limit": -1,
    "catch_up": False,
    # Workers hear of a job at once (monitoring.bells); what they did not hear they find, looking every `poll` seconds.
    "broker_class": "monitoring.broker.PromptBroker",
    "poll": 0.5,
    "queue_limit": 1,  # what waits for a worker of one host may be run by another meanwhile
    "bulk": 1,
    "label": _("Job queue"),
}

# --- People: logins, languages, time ---------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked.html"
AXES_CLIENT_IP_CALLABLE = "sessions_app.limits.network"  # shortened: it is kept
SESSION_COOKIE_AGE = 60 * 60 * env.number("LOGIN_HOURS", 12, least=1, most=24 * 30)
SESSION_COOKIE_NAME = "adminara_session"

LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "en", ("en", "tr"))
LANGUAGES = [("en", _("English")), ("tr", _("Turkish"))]
LOCALE_PATHS = [BASE_DIR / "adminara" / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True

# --- What browsers may do --------------------------------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Static files and mail -------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "AdminAra <adminara@localhost>")

# --- The desk --------------------------------------------------------------------------------------------------------

DESK_GONE_AFTER = env.number("DESK_GONE_AFTER", 35, least=5, most=3600)
DESK_ANSWER_WITHIN = env.number("DESK_ANSWER_WITHIN", 30, least=5, most=600)
DESK_JOINS_PER_MINUTE = env.number("DESK_JOINS_PER_MINUTE", 10, least=1, most=10_000)
DESK_SESSION_HOURS = env.number("DESK_SESSION_HOURS", 8, least=1, most=72)
DESK_SOCKETS = env.number("DESK_SOCKETS", 5000, least=1, most=100_000)
DESK_SOCKETS_PER_ADDRESS = env.number("DESK_SOCKETS_PER_ADDRESS", 200, least=1, most=100_000)
DESK_SERVICE_TARGET_S = env.number("DESK_SERVICE_TARGET_S", 20, least=1, most=3600)
DESK_SERVICE_LEVEL = env.share("DESK_SERVICE_LEVEL", 0.8)
DESK_ABANDON_MOST = env.share("DESK_ABANDON_MOST", 0.05)
DESK_HOURS = env.weekly_hours("DESK_HOURS")
DESK_QUEUE_MOST = env.number("DESK_QUEUE_MOST", 500, least=0, most=100_000)
DESK_CALLBACK_DAYS = env.number("DESK_CALLBACK_DAYS", 14, least=1, most=365)
DESK_WRAP_UP_S = env.number("DESK_WRAP_UP_S", 60, least=0, most=3600)
DESK_SHORT_ABANDON_S = env.number("DESK_SHORT_ABANDON_S", 5, least=0, most=600)
DESK_SELFTEST_URL = env.url("DESK_SELFTEST_URL")
LOGIN_ATTEMPTS_PER_MINUTE = env.number("LOGIN_ATTEMPTS_PER_MINUTE", 10, least=1, most=1000)
DESK_KEEP_QUALITY = env.number("DESK_KEEP_QUALITY", 30, least=1, most=3650)
ANONYMIZE_AFTER_DAYS = env.number("ANONYMIZE_AFTER_DAYS", 90, least=0, most=3650)

# Where browsers find their way to each other; without any, calls work on one network.
STUN_URLS = env.csv("STUN_URLS")
TURN_URLS = env.csv("TURN_URLS")
TURN_USERDB = env.text("TURN_USERDB")
TURN_REALM = env.text("TURN_REALM", "adminara")
TURN_SECRET_KEYS = [key.strip() for key in env.secret("TURN_SECRET_KEY").split(",") if key.strip()]

# --- The panel -------------------------------------------------------------------------------------------------------

OTEL_SAMPLERS = tuple(
    f"{parent}{name}" for parent in ("", "parentbased_") for name in ("always_on", "always_off", "traceidratio")
)
OTEL_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "adminara")
OTEL_EXPORTER_PROMETHEUS_HOST = env.text("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
OTEL_EXPORTER_PROMETHEUS_PORT = env.number("OTEL_EXPORTER_PROMETHEUS_PORT", 9464, least=1, most=65535)
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_TRACES_EXPORTER = env.choice("OTEL_TRACES_EXPORTER", "none" if PRODUCTION else "console", ("console", "none"))
# OpenTelemetry's SDK reads these two itself; here they are checked.
OTEL_TRACES_SAMPLER = env.choice("OTEL_TRACES_SAMPLER", "parentbased_always_on", OTEL_SAMPLERS)
OTEL_TRACES_SAMPLER_ARG = env.share("OTEL_TRACES_SAMPLER_ARG", 1.0)
ENABLE_TRACING = env.flag("ENABLE_TRACING", default=True)
ENABLE_PROFILING = env.flag("ENABLE_PROFILING", default=True)
METRICS_TOKEN = env.secret("METRICS_TOKEN")
METRICS_USERNAME = env.text("METRICS_USERNAME")
METRICS_PASSWORD = env.secret("METRICS_PASSWORD")
BOTTLENECK_THRESHOLD_MS = env.number("BOTTLENECK_THRESHOLD_MS", 100, least=1, most=3_600_000)
BOTTLENECK_THRESHOLDS = env.thresholds("BOTTLENECK_THRESHOLDS")
SLOW_QUERY_MS = env.number("SLOW_QUERY_MS", 20, least=0, most=3_600_000)
# What an alert is raised by, and who is told of it (monitoring.alerting). The webhook's address may hold a secret, too.
ALERT_RULES = alert_rules(
    requests=env.share("SLO_REQUESTS", 0.99),
    requests_ms=env.number("SLO_REQUESTS_MS", 1000, least=1, most=600_000),
    answer_s=DESK_SERVICE_TARGET_S,
)
ALERT_LOOK_S = 15  # seconds from one look at the rules to the next
ADMINARA_URL = env.url("ADMINARA_URL") or f"http://{WEB_HOST}:{WEB_PORT}"
ALERT_EMAILS = env.csv("ALERT_EMAILS")
ALERT_WEBHOOK_URL = env.secret("ALERT_WEBHOOK_URL")
ALERT_WEBHOOK_SECRET = env.secret("ALERT_WEBHOOK_SECRET")
ALERT_TELEGRAM_URL = env.url("ALERT_TELEGRAM_URL") or "https://api.telegram.org"
ALERT_TELEGRAM_TOKEN = env.secret("ALERT_TELEGRAM_TOKEN")
ALERT_TELEGRAM_CHAT = env.text("ALERT_TELEGRAM_CHAT")
# How long what is recorded is kept, in seconds, and how many rows at most where many come (monitoring.retention). What
# tells of finer things is kept at least as long as they are: a process as its measures, hours as ten minutes.
TELEMETRY_KEEP_MEASURES = env.duration("TELEMETRY_KEEP_MEASURES", "48h", least=env.HOUR)
TELEMETRY_MOST_MEASURES = env.number("TELEMETRY_MOST_MEASURES", 5_000_000, least=10_000, most=1_000_000_000)
TELEMETRY_KEEP_SPANS = env.duration("TELEMETRY_KEEP_SPANS", "7d", least=env.HOUR)
TELEMETRY_MOST_SPANS = env.number("TELEMETRY_MOST_SPANS", 1_000_000, least=10_000, most=1_000_000_000)
TELEMETRY_KEEP_EXEMPLARS = env.duration("TELEMETRY_KEEP_EXEMPLARS", "30d", least=env.HOUR)
TELEMETRY_KEEP_RUNS = env.duration("TELEMETRY_KEEP_RUNS", "30d", least=env.DAY)
TELEMETRY_KEEP_RESULTS = env.duration("TELEMETRY_KEEP_RESULTS", "7d", least=env.DAY)
TELEMETRY_KEEP_PROCESSES = env.duration("TELEMETRY_KEEP_PROCESSES", "30d", least=max(env.DAY, TELEMETRY_KEEP_MEASURES))
TELEMETRY_KEEP_ALERTS = env.duration("TELEMETRY_KEEP_ALERTS", "90d", least=env.DAY)
TELEMETRY_KEEP_DEPLOYS = env.duration("TELEMETRY_KEEP_DEPLOYS", "1095d", least=env.DAY)
TELEMETRY_KEEP_BY_MINUTE = env.duration("TELEMETRY_KEEP_BY_MINUTE", "7d", least=3 * env.HOUR)
TELEMETRY_KEEP_BY_TEN_MINUTES = env.duration("TELEMETRY_KEEP_BY_TEN_MINUTES", "30d", least=TELEMETRY_KEEP_BY_MINUTE)
TELEMETRY_KEEP_BY_HOUR = env.duration("TELEMETRY_KEEP_BY_HOUR", "180d", least=TELEMETRY_KEEP_BY_TEN_MINUTES)
TELEMETRY_KEEP_BY_DAY = env.duration("TELEMETRY_KEEP_BY_DAY", "1095d", least=TELEMETRY_KEEP_BY_HOUR)
# What must never reach a log, a span or an exporter: the signed part of a customer's link, and what staff search for,
# which may be a customer's name; and the token of Telegram's bot.
TELEMETRY_REDACT = [
    (r"/s/[^/\s?'\"]+", "/s/[redacted]"),
    (r"(^|[?&])q=[^&\s]*", r"\1q=[redacted]"),
    (r"/bot\d+:[\w-]+", "/bot[redacted]"),
]

# Where the processes share prometheus_client's series; the Procfile sets it, before anything imports that library.
PROMETHEUS_MULTIPROC_DIR = env.text("PROMETHEUS_MULTIPROC_DIR") and str(
    env.folder("PROMETHEUS_MULTIPROC_DIR", DATA_DIR)
)
PROMETHEUS_EXPORT_MIGRATIONS = False
# The new, stable names of HTTP attributes in spans.
env.export("OTEL_SEMCONV_STABILITY_OPT_IN", "http")

LOGGING = logging(env.text("LOG_LEVEL", "INFO"))
SILENCED_SYSTEM_CHECKS: list[str] = []
# What was read above and where it came from, for the page that shows it; never the value of a secret.
VARIABLES = env.read.all()
