from uuid import uuid4

import pytest

from sessions_app import switchboard
from sessions_app.models import Role
from sessions_app.switchboard import MOST_PAGES, Switchboard
from sessions_app.tokens import Bearer

CY = Bearer(uuid4(), Role.CUSTOMER)
ANA = Bearer(CY.session_id, Role.STAFF, 1)


@pytest.fixture
def board():
    return Switchboard()


def test_a_page_too_many_displaces_the_oldest(board):
    pages = [f"page {n}" for n in range(MOST_PAGES + 2)]
    displaced = [board.introduce(page, CY) for page in pages]
    assert displaced == [None] * MOST_PAGES + ["page 0", "page 1"]
    assert len(board) == MOST_PAGES


def test_each_participant_has_pages_of_their_own(board):
    for bearer in (CY, ANA, ANA._replace(staff_id=2), Bearer(uuid4(), Role.CUSTOMER)):
        assert [board.introduce(f"{bearer} {n}", bearer) for n in range(MOST_PAGES)] == [None] * MOST_PAGES


def test_strangers_are_so_many_and_no_more_until_some_are_known_or_gone(board, monkeypatch):
    monkeypatch.setattr(switchboard, "MOST_STRANGERS", 2)
    assert [board.arrive(page) for page in "abc"] == [True, True, False]
    board.introduce("a", CY)
    assert board.arrive("c")
    assert not board.arrive("d")
    board.leave("b", None)
    assert board.arrive("d")


def test_who_has_left_leaves_nothing_behind(board):
    for page in "abcdef":
        board.arrive(page)
        board.introduce(page, CY)
    for page in "abcdef":
        board.leave(page, CY)
        board.leave(page, CY)
    assert len(board) == 0
    assert vars(board) == vars(Switchboard())
