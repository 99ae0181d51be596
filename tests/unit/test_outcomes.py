"""What jobs say is kept in English and shown in the reader's language."""

from collections import Counter

import pytest
from django.utils import translation

from monitoring import outcomes, retention
from monitoring.panel import job_runs
from monitoring.store.interrupted import EXPLANATION
from sessions_app import anonymizing, jobs
from sessions_app import outcomes as of_the_desk
from sessions_app.leftovers import PERSONAL
from tests.factories import NOON
from tests.telemetry import make_run

ALL_KINDS = Counter({kind.name: number for number, kind in enumerate(retention.KINDS, 1)})
SAID = [
    *(sentence % dict.fromkeys(outcomes.PLACE.findall(sentence), 7) for sentence in of_the_desk.ALL),
    *(sentence % {"what": retention.told(ALL_KINDS)} for sentence in (outcomes.DELETED, outcomes.DELETED_IN_PART)),
    *(outcomes.DELETED % {"what": retention.told({})}, outcomes.NEVER_RAN, outcomes.OVER, EXPLANATION),
    outcomes.NOT_SENT_YET % {"why": "7.", "time": "07:07:07"},
    outcomes.SENT % {"channel": "webhook"},
]


@pytest.mark.parametrize("said", SAID)
def test_what_a_job_says_is_shown_in_turkish_with_its_numbers_and_in_english_as_it_was_said(said):
    with translation.override("en"):
        assert outcomes.in_words(said) == said
    with translation.override("tr"):
        shown = outcomes.in_words(said)
    assert sorted(filter(str.isdigit, shown)) == sorted(filter(str.isdigit, said))
    english = {"the", "of", "was", "sent", "removed", "made", "counted", "deleted", "measures", "alerts", "nothing"}
    assert not english & set(shown.lower().replace(".", " ").replace(",", " ").replace(";", " ").split()), shown


@pytest.mark.parametrize("said", ["", "OSError: [Errno 28] No space left on device", "Swept 3 visits, as 0.0.9 did."])
def test_what_no_sentence_fits_is_shown_as_it_was_kept(said):
    with translation.override("tr"):
        assert outcomes.in_words(said) == said


@pytest.mark.django_db
def test_the_pages_show_it_and_an_error_stays_an_error():
    for said in (jobs.queue_sweep(), "It is broken : Traceback (most recent call last):\n  OSError: It is broken"):
        make_run("queue_sweep", NOON, outcome=said)
    with translation.override("tr"):
        told = {row.said for row in job_runs.page(job_runs.RunFilters(NOON, NOON)).rows}
    assert len(told) == 2
    assert "It is broken" in told
    assert not any("Closed" in said for said in told)


def test_what_is_anonymised_is_named():
    assert anonymizing.listed(PERSONAL) in of_the_desk.ANONYMIZED
    assert anonymizing.listed(PERSONAL) in of_the_desk.ANONYMIZED_IN_PART
