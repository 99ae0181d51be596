"""The board as a page, as JSON and over its socket; who may see it, and what it must not show."""

import re
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.urls import reverse
from django.utils import timezone, translation

from monitoring.staff_socket import NOT_ALLOWED
from sessions_app import board_live, lifecycle
from sessions_app.board_windows import Asked
from sessions_app.routing import websocket_urlpatterns
from tests.factories import make_customer, make_ended, make_staff
from tests.integration.test_desk_socket import login
from tests.sockets import Socket

pytestmark = pytest.mark.django_db
RIGHT = "sessions_app.view_board"


def lead(client, username="lee"):
    client.force_login(make_staff(username, RIGHT))
    return client


@pytest.fixture
def board(client):
    """A board with two hours behind it: one served, one who gave up, and Cy, who waits."""
    ana, began = make_staff("ana", first_name="Ana", last_name="Kaya"), timezone.now() - timedelta(minutes=8)
    make_ended(ana, began)
    lifecycle.leave(make_customer("Gone Girl", at=began).pk, began + timedelta(seconds=30))
    make_customer("Cy Secret", at=timezone.now() - timedelta(seconds=70))
    return lead(client)


def show(client, **query):
    return client.get(reverse("desk:board"), query)


def test_who_has_not_the_right_is_kept_out(client):
    assert show(client).status_code == 302
    client.force_login(make_staff("bo", "sessions_app.work_desk"))
    assert show(client).status_code == 403
    assert reverse("desk:board") not in client.get(reverse("desk:console")).content.decode()
    client.force_login(make_staff("cem", RIGHT, is_staff=False))
    assert show(client).status_code == 403


def test_leads_and_auditors_have_it_and_agents_have_not():
    from django.contrib.auth.models import Group

    having = Group.objects.filter(permissions__codename="view_board").values_list("name", flat=True)
    assert set(having) == {"lead", "auditor"}


@pytest.mark.parametrize("window", ["today", "24h", "7d", "30d"])
def test_every_window_shows_figures_with_a_formula_one_press_away(board, window):
    page = show(board, window=window)
    html = page.content.decode()
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    buttons = re.findall(r'aria-expanded="false" aria-controls="(formula-[\w-]+)"', html)
    assert len(buttons) == len(set(buttons)) == 5 + 12
    for formula in buttons:
        assert re.search(rf'id="{formula}"><b>[^<]+</b> = [^<]{{10,}}</p>', html)
    assert html.count('<figure class="plot">') == 6
    assert "Ana Kaya" in html
    assert html.count(">default</span>") == 1
    assert '"?"' not in html


def test_customers_are_nowhere_named(board):
    for query in ({}, {"format": "json"}):
        text = show(board, **query).content.decode()
        assert "Secret" not in text
        assert "printer" not in text


def test_json_has_everything(board):
    told = show(board, format="json").json()
    assert (told["now"]["waiting"], told["now"]["level"], told["now"]["staff"]["wrap_up"]) == (1, "bad", 0)
    assert told["figures"]["offered"]["value"] == told["service"]["offered"] == 3
    assert told["figures"]["service_level"]["formula"].startswith("answered within 20 s / (answered + abandoned")
    assert len(told["service_levels"]) == 4
    assert sum(step["offered"] for step in told["steps"]) == 3
    assert [row["staff"] for row in told["staff"]] == ["Ana Kaya"]
    assert told["window"]["running"]


@pytest.mark.parametrize(
    "query", [{"window": "1y"}, {"day": "2999-01-01"}, {"day": "x"}, {"sort": "x"}, {"against": "x"}]
)
def test_a_mistake_in_the_address_is_a_sentence(board, query):
    page = show(board, **query)
    assert page.status_code == 400
    assert "To the board of today" in page.content.decode()
    assert show(board, format="json", **query).json()["error"].startswith(next(iter(query)))


def test_an_empty_day_says_why(client):
    lead(client)
    assert "Nobody has joined yet" in show(client).content.decode()
    assert "Nobody joined on this day" in show(client, day="2026-01-01").content.decode()


def test_without_a_socket_the_moving_part_is_asked_for(board):
    part = board.get(reverse("desk:board"), {"window": "24h"}, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="board-moving">')
    assert "<html" not in part
    page = show(board, window="24h").content.decode()
    assert 'data-poll="/admin/desk/board/?window=24h"' in page
    assert re.search(r'ws-connect="/ws/board/\?language=en&amp;window=24h"', page)


def test_the_table_of_staff_is_sorted_by_the_address(board):
    html = show(board, sort="staff", window="24h").content.decode()
    assert re.search(
        r'aria-sort="ascending"><a id="sort-1" href="/admin/desk/board/\?window=24h&amp;sort=-staff"', html
    )


def test_it_reads_in_turkish(board):
    with translation.override("tr"):
        assert show(board, window="7d").status_code == 200


@pytest.fixture
def no_boards():
    yield
    board_live.watched.clear()
    board_live.wanted.clear()
    board_live.drawn.clear()


def test_each_stretch_of_time_is_drawn_once_a_language_and_kept_for_a_while(no_boards, monkeypatch):
    read = []
    monkeypatch.setattr(
        board_live, "board", lambda asked, now, real=board_live.board: read.append(asked) or real(asked, now)
    )
    board_live.watched.update({"en": 2, "tr": 1})
    week = Asked(window="7d")
    board_live.wanted.update({("en", Asked()): 2, ("en", week): 1, ("tr", week): 1, ("tr", Asked()): 0})
    first, second = board_live.tick(), board_live.tick()
    assert set(first.now) == {"en", "tr"}
    assert set(first.past) == {("en", Asked()), ("en", week), ("tr", week)}
    assert read == [Asked(), week]
    assert all(second.past[one] is html for one, html in first.past.items())
    assert 'id="board-past" hx-swap-oob="true"' in first.past["en", week]
    board_live.wanted["en", week] = 0
    assert set(board_live.tick().past) == {("en", Asked()), ("tr", week)}


class BoardSocket(Socket):
    def __init__(self, session, query="language=en"):
        super().__init__(websocket_urlpatterns, f"/ws/board/?{query}", session=session)


in_db = database_sync_to_async


@pytest.mark.django_db(transaction=True)
async def test_the_socket_tells_what_is_now_and_the_stretch_of_time_that_the_page_shows():
    lee = await in_db(make_staff)("lee", RIGHT)
    async with BoardSocket(await in_db(login)(lee), "language=en&window=7d&sort=staff") as socket:
        now, past = await socket.receives(), await socket.receives()
        assert 'id="board-now"' in now
        assert 'id="board-past"' in past
        assert "window=30d&amp;sort=staff" in past
        assert board_live.wanted == {("en", Asked(window="7d", order="staff")): 1}
        await in_db(make_customer)("Cy", timezone.now())
        told = await socket.receives()
        assert re.search(r'id="formula-now-waiting"><b>Waiting</b>[^<]*</p></div>\s*<p class="figure">1<', told)
    assert not board_live.wanted
    assert not any(board_live.watched.values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["window=1y", "day=2999-01-01"])
async def test_an_address_that_no_page_has_hears_of_now_alone_and_harms_nobody(query):
    lee = await in_db(make_staff)("lee", RIGHT)
    session = await in_db(login)(lee)
    async with BoardSocket(session, f"language=en&{query}") as odd, BoardSocket(session) as socket:
        assert "board-now" in await odd.receives()
        told = [await socket.receives() for _ in range(2)]
        assert any("board-past" in part for part in told)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rights", [["sessions_app.work_desk"], None])
async def test_others_are_told_nothing(rights):
    user = await in_db(make_staff)("bo", *rights) if rights else None
    async with BoardSocket(await in_db(login)(user)) as socket:
        await socket.is_closed_with(NOT_ALLOWED)
