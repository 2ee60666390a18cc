"""What calls mean in a shop: two names of one item are one. Compares nothing."""

from collections.abc import Callable, Mapping, Sequence

from evaluation.calls import Call
from evaluation.cases import Case, Expectation, Matcher, Value, Wanted
from parstock.domain import Json
from parstock.errors import InputError, InsufficientData
from tools.names import NameIndex

_RESOLVE: Mapping[str, Callable[[NameIndex, str], str]] = {
    "item": lambda names, text: names.resolve_item(text).sku,
    "category": lambda names, text: names.resolve_category(text),
    "supplier": lambda names, text: names.resolve_supplier(text).code,
    "warehouse": lambda names, text: names.resolve_warehouse(text).code,
    "from_warehouse": lambda names, text: names.resolve_warehouse(text).code,
    "to_warehouse": lambda names, text: names.resolve_warehouse(text).code,
}
"""Arguments that name a record, and how."""


def resolved(argument: str, value: Json, names: NameIndex) -> Json:
    """The code of the record that an argument names; any other value, and a name that means nothing, as it is."""
    if argument not in _RESOLVE or not isinstance(value, str):
        return value
    try:
        return _RESOLVE[argument](names, value)
    except (InputError, InsufficientData):
        return value


def resolved_calls(calls: Sequence[Call], names: NameIndex) -> tuple[Call, ...]:
    """Calls with codes instead of names."""
    return tuple(
        Call(call.name, {name: resolved(name, value, names) for name, value in call.arguments.items()}) for call in calls
    )


def resolved_case(case: Case, names: NameIndex) -> Case:
    """A case that expects codes instead of names."""
    expect = Expectation(behaviour=case.expect.behaviour, calls=_wanted(case.expect.calls, names))
    alternatives = tuple(_wanted(calls, names) for calls in case.alternatives)
    return case.model_copy(update={"expect": expect, "alternatives": alternatives})


def _wanted(calls: Sequence[Wanted], names: NameIndex) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(name=call.name, arguments={name: _value(name, value, names) for name, value in call.arguments.items()})
        for call in calls
    )


def _value(argument: str, value: Value, names: NameIndex) -> Value:
    if not isinstance(value, Matcher):
        found = resolved(argument, value, names)
        return found if isinstance(found, (str, int, float)) else value
    if not value.any_of:
        return value
    return Matcher(
        any_of=tuple(str(resolved(argument, choice, names)) if isinstance(choice, str) else choice for choice in value.any_of)
    )
