"""Two hosts on one PostgreSQL and one Redis, under load: whatever is killed, nobody is lost or counted twice."""

from tests.cluster import trial
from tests.cluster.reckoning import Finding, findings


def test_a_cluster_loses_nobody_while_its_parts_are_killed_in_turn():
    found: list[Finding] = []
    outcome = trial.run(trial.SHORT, lambda there, lived: found.extend(findings(there, lived)), say=print)
    assert [finding for finding in found if not finding.holds] == []
    assert len(found) > 12
    web = outcome.rows[1]
    assert web.downtimes["joining 2"] < web.downtimes["joining 1"], "who goes to the other host is not held up"
