"""Addresses for machines: is it alive, is it ready, what are its numbers."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring import credentials, exposition, health

REFUSAL = """Only staff and known scrapers may read this. Log in as staff, or send the bearer token METRICS_TOKEN
or the basic credential METRICS_USERNAME and METRICS_PASSWORD of this installation's environment.
"""


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when every probe is content, else 503 with what each of the others says."""
    problems = health.problems()
    return JsonResponse(
        {"status": "not ready" if problems else "ready", "problems": problems}, status=503 if problems else 200
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not credentials.may_scrape(request):
        return HttpResponse(
            REFUSAL, status=401, content_type="text/plain", headers={"WWW-Authenticate": 'Basic realm="metrics"'}
        )
    body, content_type = exposition.render(request.headers.get("accept", ""))
    return HttpResponse(body, content_type=content_type)
