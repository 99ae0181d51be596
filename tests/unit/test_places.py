"""Where in the code a span's operation stands."""

import functools
import json
import linecache
from pathlib import Path

import pytest

from monitoring import run_job, start_span, trace_async, traced
from monitoring.models import Span
from monitoring.store.buffer import buffer
from monitoring.tracing.places import in_project, innermost
from tests import planted, trial_jobs

HERE = "tests/unit/test_places.py"
FILE, LINE, FUNCTION = "code.file.path", "code.line.number", "code.function.name"


def told(span):
    """A span's place: file and function; and the source of its line."""
    attributes = span.readable().attributes
    if FILE not in attributes:
        return None
    return attributes[FILE], attributes[FUNCTION], linecache.getline(attributes[FILE], attributes[LINE]).strip()


def last():
    return buffer._records[-1]


@traced("work")
@functools.cache
def work():
    return 1


class Clerk:
    @traced("file")
    def file(self):
        return 2


def test_a_block_tells_the_line_that_opens_it():
    with start_span("block"):
        pass
    module = HERE.removesuffix(".py").replace("/", ".")
    assert told(last()) == (HERE, f"{module}.test_a_block_tells_the_line_that_opens_it", 'with start_span("block"):')


def test_a_traced_function_tells_where_it_is_defined_behind_other_decorators():
    work()
    assert told(last()) == (HERE, "tests.unit.test_places.work", '@traced("work")')
    Clerk().file()
    assert told(last()) == (HERE, "tests.unit.test_places.Clerk.file", '@traced("file")')


async def test_an_awaited_function_tells_where_it_is_defined():
    async def wait():
        return 3

    assert await trace_async("wait", wait) == 3
    assert told(last())[2] == "async def wait():"


def test_what_is_not_made_of_python_code_tells_no_place():
    assert traced("length")(len)("abc") == 3
    assert told(last()) is None


@pytest.mark.django_db
def test_a_job_tells_its_function():
    run_job("tests.trial_jobs.quick")
    (job,) = [record for record in buffer._records if getattr(record, "name", "") == "job.quick"]
    assert told(job) == ("tests/trial_jobs.py", "tests.trial_jobs.quick", "def quick() -> str:")


@pytest.mark.django_db
def test_a_place_reaches_the_store():
    planted.count_up(1)
    buffer.flush()
    attributes = Span.objects.get(name="planted.count_up").attributes
    assert attributes[FUNCTION] == "tests.planted.count_up"
    json.dumps(attributes)


def test_a_given_attribute_is_not_lost_beside_the_place():
    with start_span("block", {"rows": 12}):
        pass
    assert last().readable().attributes["rows"] == 12


@pytest.mark.parametrize(
    ("file", "path"),
    [
        (trial_jobs.__file__, "tests/trial_jobs.py"),
        (pytest.__file__, ""),  # a library
        (str(Path(json.__file__)), ""),  # Python's own
        ("<string>", ""),
        ("monitoring/tracing/operations.py", ""),  # what traces
    ],
)
def test_only_the_projects_own_files_are_places(file, path):
    assert in_project(file) == path


def test_no_stack_no_place():
    assert innermost(None) is None
