"""What `start_span`, `traced` and `trace_async` promise."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from opentelemetry.trace import StatusCode

from monitoring import current_trace_id, start_span, trace_async, traced
from monitoring.tracing.active import active_spans
from monitoring.tracing.exporting import redacted
from monitoring.tracing.rows import SPAN, span_row


def ended(telemetry):
    return [record.readable() for record in telemetry._records]


def test_a_traced_function_returns_its_result_and_tells_how_it_went(telemetry):
    @traced("add")
    def add(a, b):
        return a + b

    assert add(1, b=2) == 3
    (span,) = ended(telemetry)
    assert span.name == "add"
    assert span.attributes["status"] == "success"
    assert span.attributes["duration_ms"] >= 0


def test_an_error_is_recorded_and_raised_again(telemetry):
    @traced("fail")
    def fail():
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        fail()
    (span,) = ended(telemetry)
    assert (span.attributes["status"], span.attributes["error.message"]) == ("error", "no such thing")
    assert span.status.status_code is StatusCode.ERROR
    assert span.events[0].attributes["exception.type"] == "ValueError"


def test_a_refusal_is_an_answer_and_no_failure(telemetry):
    class NobodyWaiting(Exception):
        is_refusal = True

    with pytest.raises(NobodyWaiting), start_span("claim"):
        raise NobodyWaiting("Nobody is waiting.")
    (span,) = ended(telemetry)
    assert span.attributes["error.message"] == "Nobody is waiting."
    assert span.status.status_code is StatusCode.UNSET


async def test_an_async_function_is_traced_until_it_is_done(telemetry):
    @traced("wait")
    async def wait():
        await asyncio.sleep(0.02)
        return current_trace_id()

    trace_id = await wait()
    (span,) = ended(telemetry)
    assert span.attributes["duration_ms"] >= 20
    assert f"{span.context.trace_id:032x}" == trace_id


async def test_trace_async_traces_one_call(telemetry):
    async def work():
        return 7

    assert await trace_async("work", work) == 7
    assert ended(telemetry)[0].name == "work"


def test_nested_spans_share_a_trace_and_know_their_parent(telemetry):
    with start_span("outer") as outer, start_span("inner", {"depth": 2}):
        pass
    inner_span, outer_span = ended(telemetry)
    assert inner_span.parent.span_id == outer.get_span_context().span_id
    assert inner_span.context.trace_id == outer_span.context.trace_id
    assert inner_span.attributes["depth"] == 2


def test_active_spans_count_the_open_ones_up_and_down():
    with start_span("outer"), start_span("inner"):
        assert active_spans.value == 2
    assert active_spans.value == 0


def test_a_customers_link_is_taken_out_of_errors(telemetry):
    with pytest.raises(LookupError), start_span("look up"):
        raise LookupError("nothing at /s/c2VjcmV0:abc/leave/")
    (span,) = ended(telemetry)
    told = f"{span.attributes} {[dict(event.attributes) for event in span.events]} {span.status.description}"
    assert "c2VjcmV0" not in told
    assert "/s/[redacted]" in told


LATE = """
from monitoring import traced
@traced("early")
def early(): return 5
assert early() == 5          # no provider yet: it just runs
import django; django.setup()
from monitoring.store.buffer import buffer
assert early() == 5
print([record.name for record in buffer._records])
"""


def run_python(code, **environment):
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "adminara.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_what_was_wrapped_before_the_provider_existed_is_traced_once_it_does():
    assert run_python("from monitoring.store.buffer import buffer; buffer.autoflush = False" + LATE) == "['early']"


def test_switched_off_nothing_is_traced():
    code = "from monitoring.store.buffer import buffer; buffer.autoflush = False" + LATE
    assert run_python(code, ENABLE_TRACING="false") == "[]"


def test_it_starts_once_in_a_process():
    code = (
        "import django; django.setup()\n"
        "from monitoring import init_observability\n"
        "from opentelemetry import trace\n"
        "first = init_observability(); assert init_observability('other') is first\n"
        "print(dict(trace.get_tracer_provider().resource.attributes)['service.name'])\n"
    )
    assert run_python(code, OTEL_SERVICE_NAME="desk-7") == "desk-7"


def test_what_leaves_tells_no_secret_and_not_who_the_client_was(telemetry):
    attributes = {"url.path": "/s/c2VjcmV0:abc/", "url.query": "q=Cy&page=2", "client.address": "192.0.2.7", "n": 3}
    with start_span("request", attributes):
        pass
    (span,) = telemetry._records
    kept = {"url.path": "/s/[redacted]/", "url.query": "q=[redacted]&page=2", "n": 3}
    sent, stored = (
        dict(redacted(span.readable()).attributes),
        json.loads(span_row(span, "web")[SPAN.index("attributes")]),
    )
    assert kept.items() <= sent.items()
    assert kept.items() <= stored.items()
    assert "192.0.2.7" not in f"{sent} {stored}"
