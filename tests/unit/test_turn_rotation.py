"""A rotation ends the same wherever it was interrupted, and the server accepts what the desk signs at every moment."""

from dataclasses import dataclass, field

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.models import AuditEntry
from sessions_app import turn, turn_server
from sessions_app.sealing import seal, unseal
from sessions_app.turn_models import TurnSecret, TurnStep
from sessions_app.turn_server import TurnServerError
from tests.factories import NOON, SECOND, make_customer

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE")
SPENT = turn.TTL + turn.SKEW + SECOND


class Crash(BaseException):
    """The process ends here: no `except` of the program sees it."""


@dataclass
class Server:
    """A TURN server in memory that, like the rows, can be left in the middle: `crash` counts down to the moment."""

    held: set[str] = field(default_factory=set)
    crash: int = -1  # never
    refuses: bool = False

    def tick(self):
        self.crash -= 1
        if self.crash == 0:
            raise Crash

    def learn(self, secret):
        self.tick()
        self.held.add(secret)
        self.tick()

    def forget(self, secret):
        self.tick()
        self.held.discard(secret)
        self.tick()

    def probe(self, who):
        self.tick()
        if self.refuses or not self.accepts(who):
            raise TurnServerError("refused")

    def accepts(self, who):
        expiry = NOON.fromtimestamp(int(who.username.partition(":")[0]), NOON.tzinfo)
        return any(turn.sign(secret, who.username.partition(":")[2], expiry - turn.TTL) == who for secret in self.held)

    def around_writes(self, execute, sql, params, many, context):
        """For connection.execute_wrapper: a crash before or after each write."""
        if not sql.startswith(WRITES):
            return execute(sql, params, many, context)
        self.tick()
        result = execute(sql, params, many, context)
        self.tick()
        return result


@pytest.fixture
def server(monkeypatch):
    told = Server()
    monkeypatch.setattr(turn_server, "configured", lambda: told)
    return told


def steps():
    return {secret.pk: secret.step for secret in TurnSecret.objects.all()}


def signed(now):
    return turn.credentials(make_customer().pk, now)


def crashing(server, moment, act):
    """Whether `act` was interrupted at the `moment`-th place where that makes a difference."""
    server.crash = moment
    try:
        with connection.execute_wrapper(server.around_writes):
            act()
    except Crash:
        return True
    finally:
        server.crash = -1
    return False


def test_a_rotation_interrupted_anywhere_ends_as_one_that_was_not(server):
    moment, seen = 0, set()
    interrupted = True
    while interrupted:
        moment += 1
        TurnSecret.objects.all().delete()
        server.held.clear()
        old = turn.rotate(NOON)
        before = signed(NOON)
        interrupted = crashing(server, moment, lambda: turn.rotate(NOON + SECOND))
        seen |= set(steps().values())
        assert server.accepts(before)
        assert server.accepts(signed(NOON + SECOND))
        new = turn.rotate(NOON + 2 * SECOND) if TurnSecret.objects.count() == 1 else finish(NOON + 2 * SECOND)
        assert steps() == {old.pk: TurnStep.RETIRED, new.pk: TurnStep.SIGNING}
        assert server.held == {unseal(old.sealed), unseal(new.sealed)}
        assert turn.resume(NOON + 2 * SECOND + SPENT) == 1
        assert steps() == {new.pk: TurnStep.SIGNING}
        assert server.held == {unseal(new.sealed)}
    assert moment > 12
    assert seen == set(TurnStep)


def finish(now):
    turn.resume(now)
    return turn.signing()


def test_a_removal_interrupted_anywhere_ends_as_one_that_was_not(server):
    moment, interrupted = 0, True
    while interrupted:
        moment += 1
        TurnSecret.objects.all().delete()
        server.held.clear()
        turn.rotate(NOON)
        new = turn.rotate(NOON)
        interrupted = crashing(server, moment, lambda: turn.resume(NOON + SPENT))
        turn.resume(NOON + SPENT)
        assert steps() == {new.pk: TurnStep.SIGNING}
        assert server.held == {unseal(new.sealed)}
    assert moment > 4


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["rotate", "resume", "sign", "sign", "amnesia"]),
        st.integers(-1, 16),  # where it crashes; most of them do not
        st.booleans(),  # whether the server refuses
        st.sampled_from([0, 1, 100, 299, 330, 361]),  # seconds until the next
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(ACTS)
def test_what_the_desk_signs_is_accepted_by_the_server(server, acts):
    TurnSecret.objects.all().delete()
    server.held.clear()
    now, living = NOON, []
    session = make_customer()
    for act, crash, refuses, pause in acts:
        server.refuses = refuses
        if act == "amnesia":  # its database comes back from yesterday's copy, and the upkeep follows
            server.held.clear()
            server.refuses = False
            turn.resume(now)
        elif act == "sign":
            try:
                living.append((now, turn.credentials(session.pk, now)))
            except turn.NoSecret:
                assert not turn.signing()
        else:
            attempt(server, crash, act, now)
        living = [(at, who) for at, who in living if at + turn.TTL + turn.SKEW > now]
        assert all(server.accepts(who) for _at, who in living)
        assert TurnSecret.objects.filter(step=TurnStep.SIGNING).count() <= 1
        now += pause * SECOND


def attempt(server, crash, act, now):
    try:
        crashing(server, crash, lambda: getattr(turn, act)(now))
    except TurnServerError:
        assert server.refuses


def test_a_refused_secret_never_signs_and_the_old_one_goes_on(server):
    old = turn.rotate(NOON)
    server.refuses = True
    with pytest.raises(TurnServerError):
        turn.rotate(NOON + SECOND)
    assert turn.signing() == old
    assert sorted(steps().values()) == [TurnStep.ACCEPTED, TurnStep.SIGNING]
    server.refuses = False
    turn.rotate(NOON + 2 * SECOND)
    assert sorted(steps().values()) == [TurnStep.RETIRED, TurnStep.SIGNING]
    assert AuditEntry.objects.count() == 2


def test_the_first_secret_signs_only_when_the_server_takes_it(server):
    server.refuses = True
    for _ in range(2):  # the second does not ask the server again: a customer waits
        with pytest.raises(turn.NoSecret):
            signed(NOON)
    server.refuses = False
    turn.resume(NOON)
    assert server.accepts(signed(NOON))


def test_a_switch_that_another_process_made_is_not_made_again(server):
    turn.rotate(NOON)
    late = TurnSecret.objects.create(sealed=seal("late"), step=TurnStep.PROBED, created_at=NOON)
    turn.rotate(NOON)
    turn.switch(late, server, turn.running_from(NOON))
    assert turn.signing().pk == late.pk
    assert sorted(steps().values()) == [TurnStep.RETIRED, TurnStep.SIGNING]


def test_a_late_process_takes_nothing_back(server):
    secret = turn.rotate(NOON)
    secret.step = TurnStep.MADE  # as another process read it, before this one went on
    turn.tell(secret, server, turn.running_from(NOON))
    assert turn.signing() == secret


def test_one_under_way_whose_key_is_lost_gives_way_to_another(server):
    lost = TurnSecret.objects.create(sealed="damaged", created_at=NOON)
    assert turn.rotate(NOON) != lost
    assert list(steps().values()) == [TurnStep.SIGNING]
