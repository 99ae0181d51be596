"""How long something did not work, from when it did: what the cluster's table is made of."""

from collections import Counter

import pytest

from tests.cluster.probes import Seen


@pytest.mark.parametrize(
    ("worked", "downtime"),
    [
        ([9.0, 9.9, 10.4, 11.0, 15.0, 20.0], 5.0),  # between two times that it worked, both inside
        ([9.0, 16.0, 19.5], 7.0),  # it had worked last before the fault
        ([9.0, 9.5, 11.0, 13.0], 7.0),  # it has not worked since
        ([], 10.0),
        ([9.9, 30.0], 10.1),  # what came later is not of this fault
    ],
)
def test_the_downtime_is_the_longest_time_without_a_success(worked, downtime):
    assert Seen("joining", worked).downtime(10, 20) == pytest.approx(downtime)


def test_refusals_are_counted_by_reason_within_the_time():
    seen = Seen("joining", [], [(9, "503"), (11, "503"), (12, "no connection"), (13, "503"), (21, "503")])
    assert seen.refusals(10, 20) == Counter({"503": 2, "no connection": 1})
