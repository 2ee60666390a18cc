"""Typed rules in policy documents."""

from dataclasses import replace

import pytest

from parstock.domain import Clause, Policy
from parstock.errors import InputError
from retrieval.chunk import chunk_policy
from retrieval.clauses import parse_clauses


def policy(block: str, fence: str = "```") -> Policy:
    """A document whose section 2.1 has one rule block, starting at line 7."""
    text = f"# Levels\n\n## 2.1 Garden\n\nGarden items are planned\nfor 98 %.\n{fence}parstock\n{block}\n{fence}\n"
    return Policy("levels", "Levels", text)


def test_a_block_becomes_a_clause() -> None:
    """Every field of a block arrives in the clause, whose id is that of the passage and whose text is the paragraph above."""
    document = policy("clause: 2.1\nrule: service_level\nvalue: 98 %\ncategory: Garden\nseason: 03-01..06-30")
    assert parse_clauses([document]) == (
        Clause(
            "levels#2.1",
            "service_level",
            0.98,
            category="Garden",
            season=("03-01", "06-30"),
            text="Garden items are planned for 98 %.",
        ),
    )
    assert [passage.id for passage in chunk_policy(document)] == ["levels#2.1"]


@pytest.mark.parametrize(
    ("rule", "written", "value"),
    [
        ("service_level", "0.975", 0.975),
        ("service_level", "97.5%", 0.975),
        ("approval_limit", "5,000 GBP", 5000.0),
        ("approval_limit", "1,234,567.50", 1234567.5),
        ("min_order_value", "800", 800.0),
        ("max_days_of_cover", "35 days", 35.0),
        ("max_days_of_cover", "3 weeks", 21.0),
        ("max_days_of_cover", "1 day", 1.0),
        ("transfer_keep_days", "3 weeks", 21.0),
        ("transfer_days", "2", 2.0),
        ("transfer_unit_cost", "0.45 GBP", 0.45),
        ("min_markup", "5 %", 0.05),
        ("min_markup", "-12.5%", -0.125),
    ],
)
def test_values_as_people_write_them(rule: str, written: str, value: float) -> None:
    """Percent, thousands, currency and units of time are understood."""
    assert parse_clauses([policy(f"rule: {rule}\nvalue: {written}")], currency="GBP")[0].value == pytest.approx(value)


@pytest.mark.parametrize(("written", "between"), [("MAIN", ("MAIN",)), ("Main warehouse, NORTH", ("Main warehouse", "NORTH"))])
def test_a_rule_about_transfers_names_its_ends(written: str, between: tuple[str, ...]) -> None:
    """One warehouse or two, as they are called; a hold needs no value."""
    (clause,) = parse_clauses([policy(f"rule: transfer_hold\nbetween: {written}")])
    assert (clause.kind, clause.between) == ("transfer_hold", between)


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ("rule: transfer_days\nvalue: 2\nbetween: A, B, C", "between"),
        ("rule: transfer_days\nvalue: 2\nbetween: A,", "between"),
        ("rule: approval_limit\nvalue: 5\nbetween: A", "between"),
        ("rule: transfer_hold\nvalue: 5", "value"),
        ("rule: transfer_cost\nvalue: cheap", "value"),
    ],
)
def test_a_rule_about_transfers_that_makes_no_sense_is_refused(block: str, field: str) -> None:
    """More than two ends, ends of a rule about something else, and values that a hold has not are named."""
    with pytest.raises(InputError) as caught:
        parse_clauses([policy(block)], currency="GBP")
    assert caught.value.field == field


def test_a_block_is_a_rule_however_its_name_is_spelt() -> None:
    """A capital in the fence's name does not turn a rule that readers see into one that the planner misses."""
    document = policy("rule: order_hold\nitem: EL-5003", fence="```")
    document = replace(document, text=document.text.replace("parstock", "Parstock"))

    assert len(parse_clauses([document])) == 1
    assert "order_hold" not in chunk_policy(document)[0].text


def test_an_order_hold_has_no_value() -> None:
    """A hold needs only what it holds."""
    clause = parse_clauses([policy("rule: order_hold\nitem: EL-5003")])[0]
    assert (clause.kind, clause.item, clause.value) == ("order_hold", "EL-5003", 0.0)


def test_several_rules_in_one_section() -> None:
    """Each block of a section is a clause with the section's id and quotes its own paragraph."""
    first, second = (f"{fence}parstock\nrule: order_hold\nitem: {item}\n{fence}" for fence, item in [("```", "a"), ("~~~", "b")])
    text = f"## 1 A\n\nFirst.\n\n{first}\n\nSecond.\n\n{second}\n"
    clauses = parse_clauses([Policy("p", "P", text)])
    assert [(clause.id, clause.item, clause.text) for clause in clauses] == [("p#1", "a", "First."), ("p#1", "b", "Second.")]


@pytest.mark.parametrize(
    ("block", "field", "parts"),
    [
        ("rule: servicelevel\nvalue: 98 %", "rule", ["line 8", "'servicelevel'", "service_level, approval_limit"]),
        ("value: 98 %", "rule", ["line 7", "rule ''", "service_level, approval_limit"]),
        ("rule: service_level\nvalue: 198 %", "value", ["line 9", "'198 %'", '"98 %"']),
        ("rule: service_level\nvalue: 1", "value", ["line 9", "'1'", "between 0 and 1"]),
        ("rule: service_level", "value", ["line 7", "value ''", '"98 %"']),
        ("rule: approval_limit\nvalue: £5k", "value", ["line 9", "'£5k'", '"5,000 GBP"']),
        ("rule: approval_limit\nvalue: 5,000 USD", "value", ["line 9", "'5,000 USD'", "in GBP"]),
        ("rule: approval_limit\nvalue: 5,00", "value", ["'5,00'"]),
        ("rule: max_days_of_cover\nvalue: 0 days", "value", ["'0 days'", '"21 days"']),
        ("rule: order_hold\nvalue: 3", "value", ["'3'", "leave the line out"]),
        ("rule: order_hold\nseason: 02-30..03-01", "season", ["'02-30..03-01'", "MM-DD..MM-DD"]),
        ("rule: order_hold\nseason: spring", "season", ["'spring'", "MM-DD..MM-DD"]),
        ("clause: 2.2\nrule: order_hold", "clause", ["line 8", "'2.2'", "'2.1'"]),
        ("rule: order_hold\ncolour: red", "colour", ["line 9", "'colour: red'", "season"]),
        ("rule: order_hold\nrule: order_hold", "rule", ["line 9", "twice"]),
        ("order_hold", "order_hold", ["line 8", '"field: value"']),
    ],
)
def test_errors_name_place_field_value_and_remedy(block: str, field: str, parts: list[str]) -> None:
    """A block that cannot be read is refused with document, line, field, value and what would be right."""
    with pytest.raises(InputError) as caught:
        parse_clauses([policy(block)], currency="GBP")
    assert caught.value.field == field
    for part in ["policy 'levels'", *parts]:
        assert part in str(caught.value)


def test_a_block_that_is_not_closed_is_refused() -> None:
    """A fence left open cannot swallow the rest of a document silently."""
    with pytest.raises(InputError, match="line 3: the rule block is not closed"):
        parse_clauses([Policy("p", "P", "## A\n\n```parstock\nrule: order_hold\n\n## B\n\ntext\n")])
