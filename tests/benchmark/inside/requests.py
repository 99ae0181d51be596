"""A small site with one page of two queries, watched in one way; `start` says which. Needs only Django and the peer.

Each way is set up as its documentation has it, with its defaults, on the same database settings.
"""

import os
import time
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

STACKS = ("bare", "otel", "prometheus", "otel + prometheus", "adminara", "silk", "orbit", "observatory")
PAGE = "/page/7/"

APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PROMETHEUS = (
    ("django_prometheus.middleware.PrometheusBeforeMiddleware",),
    ("django_prometheus.middleware.PrometheusAfterMiddleware",),
)
FIRST = {
    "silk": "silk.middleware.SilkyMiddleware",
    "orbit": "orbit.middleware.OrbitMiddleware",
    "observatory": "django_observatory.middleware.ObservabilityMiddleware",
}
APP = {"silk": "silk", "orbit": "orbit", "observatory": "django_observatory"}
ADDRESS = {"silk": "silk.urls", "orbit": "orbit.urls", "observatory": "django_observatory.urls"}
urlpatterns: list[Any] = []


def page(_request: HttpRequest, number: int) -> HttpResponse:
    from django.contrib.auth.models import Group, User

    user = User.objects.filter(pk=number).first()
    return HttpResponse(f"{user.username if user else 'nobody'} of {Group.objects.count()} groups")


def start(stack: str, folder: str) -> str:
    """Set the site up in `folder`, with nothing asked of it yet; the versions it runs on."""
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(folder) / "site.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
    chosen: dict[str, Any] = {
        "SECRET_KEY": "for this benchmark only " * 3,
        "ALLOWED_HOSTS": ["testserver"],
        "DATABASES": {"default": database},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "INSTALLED_APPS": [*APPS, *([APP[stack]] if stack in APP else [])],
        "MIDDLEWARE": [*([FIRST[stack]] if stack in FIRST else []), *MIDDLEWARE],
        "ROOT_URLCONF": __name__,
        "USE_TZ": True,
        "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        "LOGGING": {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}},
    }
    if stack == "adminara":
        chosen = with_adminara(chosen)
    if "prometheus" in stack:
        watch_by_prometheus(chosen)
    settings.configure(**chosen)
    if "otel" in stack:
        instrument()
    django.setup()
    urlpatterns[:] = [path("page/<int:number>/", page)]
    if stack in ADDRESS:
        urlpatterns.append(path(f"{stack}/", include(ADDRESS[stack])))
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
    ask(50)
    return stack


def watch_by_prometheus(chosen: dict[str, Any]) -> None:
    before, after = PROMETHEUS
    chosen["INSTALLED_APPS"].append("django_prometheus")
    chosen["MIDDLEWARE"] = [*before, *chosen["MIDDLEWARE"], *after]
    chosen["DATABASES"]["default"]["ENGINE"] = "django_prometheus.db.backends.sqlite3"


def with_adminara(chosen: dict[str, Any]) -> dict[str, Any]:
    """The panel with all it has, django-prometheus included, on the small site instead of the desk."""
    from adminara import settings as whole

    kept = {name: getattr(whole, name) for name in dir(whole) if name.isupper()}
    small = {
        name: chosen[name] for name in ("INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "ALLOWED_HOSTS", "TEMPLATES")
    }
    apps = ["monitoring", *small["INSTALLED_APPS"], "django_q"]
    together = kept | small | {"INSTALLED_APPS": apps, "LOGGING": chosen["LOGGING"]}
    together["MIGRATION_MODULES"] = {"monitoring": None}  # they give rights to the desk's groups, which is not there
    watch_by_prometheus(together)
    return together


def instrument() -> None:
    from opentelemetry import trace
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Nowhere(SpanExporter):
        def export(self, _spans: "list[ReadableSpan]") -> SpanExportResult:
            return SpanExportResult.SUCCESS

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Nowhere()))
    trace.set_tracer_provider(provider)
    os.environ["DJANGO_SETTINGS_MODULE"] = __name__  # the instrumentor insists on one, and uses what is configured
    DjangoInstrumentor().instrument()


def ask(requests: int) -> float:
    """Microseconds a request, asked one after another through Django's test client."""
    from django.test import Client

    client = Client()
    began = time.perf_counter()
    for _ in range(requests):
        answer = client.get(PAGE)
    taken = (time.perf_counter() - began) / requests * 1e6
    if answer.content != b"nobody of 0 groups":
        raise AssertionError(answer.content)
    return taken


def spent() -> float:
    """CPU time of the process so far in microseconds, all its threads included."""
    return time.process_time() * 1e6


def seen() -> int:
    """What AdminAra's figures count of the page."""
    from monitoring.store.buffer import buffer
    from monitoring.store.figures import since_the_beginning

    buffer.flush()
    return sum(series.histogram.count for series in since_the_beginning(("span",)) if "page" in series.name)
