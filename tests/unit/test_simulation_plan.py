"""The planned day is believable, the same for the same seed, and goes nowhere but to this machine."""

import statistics
from dataclasses import replace
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.forms import EndForm, JoinForm
from sessions_app.simulation import SimulationError, Target, plan
from sessions_app.simulation.tally import Tally, compare, percentile

NOBODY = dict.fromkeys(("joined", "waiting", "connecting", "active", "ended", "abandoned", "expired"), 0)
seeds = st.integers(0, 2**32)


@given(seeds, st.integers(1, 300))
def test_everybody_comes_within_the_day_in_order_and_with_some_patience(seed: int, count: int) -> None:
    visits = plan.visits(count, Random(seed))
    arrivals = [visit.arrives_s for visit in visits]
    assert len(visits) == count
    assert arrivals == sorted(arrivals)
    assert 0 <= arrivals[0] <= arrivals[-1] <= plan.DAY_S
    for visit in visits:
        assert visit.patience_s > 0
        assert visit.setup_ms > 0
        deeds = [deed for deed in (visit.reloads_s, visit.vanishes_s) if deed is not None]
        assert len(deeds) <= 1
        assert all(0 < deed < visit.patience_s for deed in deeds)


@given(seeds)
def test_the_same_seed_plans_the_same_day(seed: int) -> None:
    assert plan.visits(50, Random(seed)) == plan.visits(50, Random(seed))
    assert list(islice(plan.calls(Random(seed)), 50)) == list(islice(plan.calls(Random(seed)), 50))


def test_a_day_has_a_peak_at_lunch_and_people_as_they_are() -> None:
    visits = plan.visits(20_000, Random(1))
    lunch = [visit for visit in visits if abs(visit.arrives_s - plan.LUNCH_S) < 30 * 60]
    assert len(lunch) / len(visits) == pytest.approx(0.55, abs=0.05)  # a third of the day
    assert statistics.fmean(visit.patience_s for visit in visits) == pytest.approx(8 * 60, rel=0.05)
    assert statistics.median(visit.setup_ms for visit in visits) == pytest.approx(120, rel=0.05)
    assert sum(visit.reloads_s is not None for visit in visits) / len(visits) == pytest.approx(1 / 20, abs=0.01)
    assert sum(visit.vanishes_s is not None for visit in visits) / len(visits) == pytest.approx(1 / 30, abs=0.01)


def test_calls_last_five_minutes_on_average_and_few_are_handed_back() -> None:
    calls = list(islice(plan.calls(Random(1)), 20_000))
    assert statistics.fmean(call.talk_s for call in calls) == pytest.approx(5 * 60, rel=0.05)
    assert sum(call.hands_back for call in calls) / len(calls) == pytest.approx(1 / 25, abs=0.01)
    assert sum(call.break_s > 0 for call in calls) / len(calls) == pytest.approx(1 / 15, abs=0.01)


def test_the_desk_accepts_whatever_is_planned() -> None:
    for visit in plan.visits(500, Random(1)):
        assert JoinForm({"name": visit.name, "topic": visit.topic}).is_valid()
    for call in islice(plan.calls(Random(1)), 500):
        assert EndForm({"outcome": call.outcome, "note": call.note}).is_valid()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://127.9.9.9", "http://localhost:1/", "http://[::1]:8000"]
)
def test_this_machine_is_a_target(url: str) -> None:
    assert Target.parse(url, owned=False).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["http://example.com", "http://127.0.0.1@example.com/", "http://10.0.0.1:8000", "http://localhost.example"]
)
def test_no_other_machine_is_a_target_unless_it_is_ours(url: str) -> None:
    with pytest.raises(SimulationError, match="is not this machine"):
        Target.parse(url, owned=False)
    assert Target.parse(url, owned=True).source_address(1) is None


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "nonsense"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SimulationError, match="is not an address"):
        Target.parse(url, owned=True)


def test_every_client_comes_from_a_loopback_address_of_its_own() -> None:
    target = replace(Target.parse("http://127.0.0.1:8000", owned=False), many_addresses=True)
    addresses = {target.source_address(client) for client in range(100_000)}
    assert len(addresses) == 100_000
    assert all(address and address.startswith("127.") for address in addresses)


def tally_of(**counts: int) -> Tally:
    tally = Tally()
    tally.counts.update(counts)
    return tally


def disagreements(tally: Tally, before: dict[str, int], **after: int) -> list[str]:
    return [row.what for row in compare(tally, before, NOBODY | after) if not row.agrees]


def test_counts_are_compared_by_how_much_they_grew() -> None:
    tally = tally_of(joined=10, ended=7)
    assert disagreements(tally, NOBODY, joined=10, ended=7, abandoned=2, expired=1) == []
    assert disagreements(tally, NOBODY | {"joined": 5, "ended": 5}, joined=15, ended=12, abandoned=3) == []
    assert disagreements(tally, NOBODY, joined=10, ended=6, abandoned=3, waiting=1) == ["ended by staff", "still open"]
    assert disagreements(tally, NOBODY, joined=11, ended=7, abandoned=4) == ["joined", "left or gone"]


def test_a_join_whose_answer_was_lost_may_have_counted() -> None:
    tally = tally_of(joined=10, ended=7, unsure=1)
    assert disagreements(tally, NOBODY, joined=10, ended=7, abandoned=3) == []
    assert disagreements(tally, NOBODY, joined=11, ended=7, abandoned=4) == []
    assert disagreements(tally, NOBODY, joined=12, ended=7, abandoned=5) == ["joined", "left or gone"]


@given(st.lists(st.floats(0, 1000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_the_values_that_enough_others_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100
