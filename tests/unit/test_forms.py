import pytest

from sessions_app.forms import EndForm, JoinForm


def test_a_name_is_a_choice_and_spaces_do_not_count():
    form = JoinForm({"name": "  Cy \t  Twombly \n", "topic": ""})
    assert form.is_valid()
    assert form.cleaned_data == {"name": "Cy Twombly", "topic": ""}
    nameless = JoinForm({"name": "   "})
    assert nameless.is_valid()
    assert nameless.cleaned_data["name"] == "Guest"


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b[31m", "\x85", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800"])
@pytest.mark.parametrize("field", ["name", "topic"])
def test_characters_that_deceive_are_refused_and_the_field_is_named(field, bad):
    form = JoinForm({field: f"Cy{bad}X"})
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert str(form.fields[field].label) in str(form.errors[field]) or bad == "\x00"


@pytest.mark.parametrize("name", ["Ayşe Yılmaz", "李小龙", "O'Brien", "👩‍👩‍👧", "नमस्ते", "محمد", "Zoë", "می‌خواهم"])
def test_names_of_the_world_are_welcome(name):
    form = JoinForm({"name": name})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == name


def test_lengths_are_limited_after_spaces_are_collapsed():
    assert JoinForm({"name": "x" * 80, "topic": "y" * 200}).is_valid()
    assert JoinForm({"name": "x" + " " * 100 + "y"}).is_valid()
    assert list(JoinForm({"name": "x" * 81}).errors) == ["name"]
    assert list(JoinForm({"topic": "y" * 201}).errors) == ["topic"]


def test_a_note_keeps_its_lines_and_an_outcome_is_one_of_ours():
    form = EndForm({"outcome": "resolved", "note": "First.\nSecond."})
    assert form.is_valid()
    assert form.cleaned_data["note"] == "First.\nSecond."
    assert list(EndForm({"outcome": "won", "note": "x" * 2001}).errors) == ["outcome", "note"]
