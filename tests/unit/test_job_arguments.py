"""A job's arguments as they are kept and as they are shown: nobody is shown a secret, or who somebody is."""

import pytest

from monitoring.job_arguments import hidden_values, packed, shown, unpacked
from monitoring.redaction import HIDDEN
from monitoring.runs import Attempt


def invite(visit, contact, attempts=3, *, api_key="", **more):
    raise ValueError(f"{contact} with {api_key} of {visit}")


STORED = packed(
    ["v-17", "cy@example.org"], {"api_key": "k-12345", "colour": "red", "options": {"Token": "t", "size": 2}}
)


def values(arguments):
    return {argument.name: argument.value for argument in arguments}


def test_arguments_are_shown_by_their_parameters_names_and_hidden_by_them():
    assert values(shown(invite, STORED)) == {
        "visit": '"v-17"',
        "contact": HIDDEN,
        "api_key": HIDDEN,
        "colour": '"red"',
        "options": '{"Token": "[redacted]", "size": 2}',
    }
    assert [one.name for one in shown(invite, STORED) if one.hidden] == ["contact", "api_key"]


@pytest.mark.parametrize("function", [None, lambda: None])
def test_where_nobody_knows_their_names_all_are_hidden(function):
    assert values(shown(function, '["cy", 2]')) == {"1": HIDDEN, "2": HIDDEN}
    assert values(shown(None, STORED))["colour"] == '"red"'


def test_a_long_value_is_cut_and_a_customers_link_is_redacted():
    arguments = values(shown(invite, packed(["/s/abc:def/", "c"], {"page": "x" * 900})))
    assert arguments["visit"] == '"/s/[redacted]/"'
    assert len(arguments["page"]) == 501


@pytest.mark.parametrize("stored", ["", "7", "null", '"text"', "{"])
def test_what_is_no_list_of_arguments_shows_none(stored):
    assert shown(invite, stored) == []


def test_arguments_are_kept_as_a_list_unless_some_have_names():
    assert packed((1, "a"), {}) == '[1, "a"]'
    assert unpacked(packed((1,), {"b": 2})) == ([1], {"b": 2})
    assert unpacked("[1]") == ([1], {})


def test_a_failures_text_does_not_quote_what_is_hidden():
    assert hidden_values(
        invite, ["v-17", "cy@example.org"], {"api_key": "k-12345", "deep": [{"secret": ["s", 1]}]}
    ) == [*("cy@example.org", "k-12345", "s", 1)]
    attempt = Attempt(f"{__name__}.invite", args=("v-17", "cy@example.org"), kwargs={"api_key": "k-12345"})
    with pytest.raises(ValueError, match="cy@") as failure:
        invite(*attempt.args, **attempt.kwargs)
    assert attempt.spared(str(failure.value)) == "[redacted] with [redacted] of v-17"


def test_of_a_function_that_is_gone_every_argument_is_hidden():
    assert Attempt("gone.entirely", args=("v-1234",)).spared("bad: v-1234") == "bad: [redacted]"
