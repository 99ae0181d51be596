import pytest
from django.conf import settings

from sessions_app.close_codes import GONE_FOR_GOOD, LONGEST_REASON, SENTENCES, CloseCode, reason
from tests.unit.test_docs import ROOT


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("code", CloseCode)
def test_each_code_has_a_sentence_that_a_close_frame_has_room_for(code, language):
    sentence = reason(code, language)
    assert sentence.endswith(".")
    assert len(sentence.encode()) <= LONGEST_REASON


def test_pages_agree_with_the_server_about_what_is_useless():
    script = (ROOT / "static/js/line.js").read_text()
    assert f"new Set([{', '.join(str(int(code)) for code in sorted(GONE_FOR_GOOD))}])" in script


@pytest.mark.parametrize("code", CloseCode)
def test_each_code_is_explained_where_operators_read(code):
    assert f"| {code.value} " in (ROOT / "docs/operating.md").read_text()


def test_no_sentence_is_left_over():
    assert set(SENTENCES) == set(CloseCode)
