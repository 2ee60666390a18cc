"""Every registered tool keeps the same promises; a new tool is tested by being there."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date

import pytest

from parstock.domain import Json
from parstock.errors import InputError
from parstock.results import ToolResult
from tools.base import parameters, tools
from tools.call import call_tool
from tools.catalogue import catalogue, function, properties
from tools.context import ToolContext
from tools.names import NameIndex

EXAMPLES: Mapping[str, Json] = {
    "query": "cakestand",
    "item": "22423",
    "horizon_days": 28,
    "text": "counted twice",
    "quantity": 24,
    "from_warehouse": "LON",
    "to_warehouse": "MAN",
    "demand_change_pct": 20,
}
"""A value for every argument that some tool cannot do without."""
NAMES_OF_THINGS = ("item", "warehouse", "supplier", "category", "from_warehouse", "to_warehouse")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
EVERY_TOOL = pytest.mark.parametrize("name", tools.names())
EVERY_READING_TOOL = pytest.mark.parametrize("name", [name for name in tools if tools.get(name).scope == "read"])


def example(name: str) -> dict[str, Json]:
    """Arguments with which a tool works."""
    known = properties(name)
    needed = next(function(spec)["parameters"] for spec in catalogue() if function(spec)["name"] == name)
    assert isinstance(needed, dict)
    wanted = {*needed["required"], "demand_change_pct"} & set(known)
    return {argument: EXAMPLES[argument] for argument in wanted}


@pytest.fixture(scope="module")
def results(tiny_shop_to_write: ToolContext) -> Mapping[str, ToolResult]:
    """What every tool gives for its example."""
    return {name: call_tool(name, example(name), tiny_shop_to_write) for name in tools}


def without_descriptions(schema: Mapping[str, Json]) -> Json:
    """A JSON schema without what is only for people."""
    return {
        key: without_descriptions(value) if isinstance(value, dict) else value
        for key, value in schema.items()
        if key != "description" or isinstance(value, dict)
    }


@EVERY_TOOL
def test_arguments_have_the_schema_of_the_catalogue(name: str) -> None:
    """Types, enums, bounds and required arguments are the public contract's, to the letter."""
    (expected,) = [function(spec)["parameters"] for spec in catalogue() if function(spec)["name"] == name]
    assert isinstance(expected, dict)
    assert parameters(tools.get(name).Arguments) == without_descriptions(expected)


@EVERY_TOOL
def test_a_tool_knows_its_own_name_and_scope(name: str) -> None:
    """The class says of itself what the registry says of it, and reads unless it drafts or records."""
    tool = tools.get(name)
    assert tool.name == name
    assert tool.scope == ("propose" if name.startswith(("propose_", "record_")) else "read")


@EVERY_TOOL
def test_facts_are_numbered_and_in_both_languages(name: str, results: Mapping[str, ToolResult]) -> None:
    """Fact ids are unique in a result, and every fact is a sentence in English and in Chinese."""
    result = results[name]
    assert result.facts
    assert result.id
    assert len({fact.id for fact in result.facts}) == len(result.facts)
    assert any(fact.required for fact in result.facts)
    for fact in result.facts:
        assert fact.en.strip()
        assert fact.zh.strip()
        assert fact.source


@EVERY_TOOL
def test_every_number_in_a_sentence_is_a_value_of_the_result(
    name: str, results: Mapping[str, ToolResult], tiny_shop: ToolContext
) -> None:
    """A number that a person reads was computed: it is a fact's value or in the data, rounded as it is shown."""
    result = results[name]
    values = [fact.value for fact in result.facts]
    known = [*values, *leaves(dict(result.data)), *leaves(dict(result.defaults)), *example(name).values()]
    names = [text for item in tiny_shop.shelf().items.values() for text in (item.name, item.sku)]
    for fact in result.facts:
        for sentence in (fact.en, fact.zh):
            for shown in NUMBER.findall(without(sentence, names)):
                assert any(says(value, shown) for value in known), f"{shown} of {sentence!r} is no value of the result"


@EVERY_TOOL
def test_data_is_json(name: str, results: Mapping[str, ToolResult]) -> None:
    """Data and defaults survive a round trip through strict JSON."""
    result = results[name]
    for part in (dict(result.data), dict(result.defaults)):
        assert json.loads(json.dumps(part, allow_nan=False)) == part


@EVERY_TOOL
def test_charts_are_as_long_as_their_days(name: str, results: Mapping[str, ToolResult]) -> None:
    """A picture is over days or over labels, in both languages, with one value for each; units are those of its series."""
    chart = results[name].chart
    if chart is not None:
        assert chart.days == tuple(sorted(chart.days))
        assert len(chart.labels) == len(chart.labels_zh)
        assert bool(chart.days) != bool(chart.labels)
        assert {len(values) for values in chart.series.values()} == {len(chart.days or chart.labels)}
        assert set(chart.units) <= set(chart.series)
        assert not chart.days or len({chart.unit, *chart.units.values()}) <= 2


@EVERY_READING_TOOL
def test_reading_writes_nothing(name: str, tiny_shop: ToolContext) -> None:
    """A tool of scope "read" leaves the records as they are."""
    before = tiny_shop.records.fingerprint()
    call_tool(name, example(name), tiny_shop)
    assert tiny_shop.records.fingerprint() == before


@EVERY_TOOL
def test_unknown_names_are_refused_with_choices(name: str, tiny_shop: ToolContext) -> None:
    """A name that means nothing goes back with the field at fault and what is known, or how to look for it."""
    for argument in set(properties(name)) & set(NAMES_OF_THINGS):
        with pytest.raises(InputError) as caught:
            call_tool(name, {**example(name), argument: "purple zebra"}, tiny_shop)
        assert caught.value.field == argument
        assert caught.value.reason == "unknown_name"
        assert caught.value.choices or "find_items" in str(caught.value)


@EVERY_TOOL
def test_unknown_arguments_are_refused(name: str, tiny_shop: ToolContext) -> None:
    """An argument that the catalogue does not have is named, with those it has."""
    with pytest.raises(InputError) as caught:
        call_tool(name, {**example(name), "colour": "red"}, tiny_shop)
    assert caught.value.field == "colour"
    assert set(caught.value.choices) == set(properties(name))


@EVERY_TOOL
def test_simulated_records_are_labelled(name: str, own_labelled_shop: ToolContext) -> None:
    """Where records are simulated, every result says so and the answer has to."""
    (label,) = [fact for fact in call_tool(name, example(name), own_labelled_shop).facts if fact.what == "data.label"]
    assert label.required
    assert "simulated" in label.en.lower()


def leaves(data: Json) -> Iterable[Json]:
    """Every value inside nested JSON."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for part in data:
            yield from leaves(part)
    else:
        yield data


def without(sentence: str, names: Iterable[str]) -> str:
    """A sentence without the names of things, whose digits are no numbers."""
    for name in sorted(names, key=len, reverse=True):
        sentence = sentence.replace(name, " ")
    return sentence


def says(value: Json, shown: str) -> bool:
    """Whether a number as written stands for a value: rounded to its places, in percent, or part of a text or a date."""
    if isinstance(value, str):
        parts = [str(part) for part in _date_parts(value)] or NUMBER.findall(value)
        return shown in parts or shown.replace(",", "") in parts
    if not isinstance(value, (int, float)):
        return False
    written = shown.replace(",", "")
    step = 10.0 ** -len(written.partition(".")[2])
    return any(abs(abs(value) * scale - float(written)) <= 0.5001 * step for scale in (1, 100))


def _date_parts(text: str) -> tuple[int, ...]:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return ()
    return day.year, day.month, day.day


def test_the_catalogue_offers_what_is_registered() -> None:
    """Every registered tool is in the public catalogue, and the catalogue's names are unique."""
    listed = [function(spec)["name"] for spec in catalogue()]
    assert len(listed) == len(set(listed)) == 20
    assert set(tools.names()) <= set(listed)


def test_names_are_resolved_in_one_place(tiny_shop: ToolContext) -> None:
    """The context hands out one index of names for one revision of the records."""
    assert isinstance(tiny_shop.names, NameIndex)
    assert tiny_shop.names is tiny_shop.names
