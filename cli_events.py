"""The `parstock events` commands: planning events listed, proposed, confirmed and withdrawn. Computes nothing itself."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from cli_shop import AsJson, Home, Lang, open_shop, settings_of
from parstock.terminal import say, table

if TYPE_CHECKING:
    from parstock.domain import EventStatus, EventType, PlanningEvent
    from tools.context import ToolContext

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so, for the audit log.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="As `parstock events list` shows it.")]

events = typer.Typer(no_args_is_help=True)


@events.callback()
def about() -> None:
    """Planning events: what is to happen and changes the plan once somebody confirms it."""


@events.command("list", epilog="Example: parstock events list --status confirmed")
def list_(
    status: Annotated[str | None, typer.Option(help="Only those proposed, confirmed or withdrawn.")] = None,
    lang: Lang = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List events, oldest first."""
    from tools.planning_events import event_json

    with open_shop(settings_of(home)) as context:
        found = [event_json(event, context) for event in context.records.events(cast("EventStatus | None", status))]
    rows = [{**event, "event": event["text_zh" if lang == "zh" else "text_en"]} for event in found]
    shown = table("", ("id", "status", "event"), rows, whole=("id", "status")) if rows else "No planning event is recorded."
    say({"events": found}, as_json, shown)


@events.command(epilog='Example: parstock events add demand_change --item 22423 --pct 40 --start "1 July" --end "7 July"')
def add(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="demand_change, supply_hold ...; an unknown one lists all.")],
    item: Annotated[str | None, typer.Option(help="Code or name; so too category, supplier and warehouse.")] = None,
    category: Annotated[str | None, typer.Option()] = None,
    supplier: Annotated[str | None, typer.Option()] = None,
    warehouse: Annotated[str | None, typer.Option()] = None,
    start: Annotated[str | None, typer.Option(metavar="DAY", help="First day, such as 'next Monday'; by default now.")] = None,
    end: Annotated[str | None, typer.Option(metavar="DAY", help="Last day, included; by default until withdrawn.")] = None,
    pct: Annotated[float | None, typer.Option(help="Percent more (40) or less (-40), of demand or purchase price.")] = None,
    days: Annotated[float | None, typer.Option(help="New lead time.")] = None,
    delta_days: Annotated[float | None, typer.Option(help="Days by which the lead time changes.")] = None,
    quantity: Annotated[int | None, typer.Option(help="New minimum order, or units to keep back.")] = None,
    unit_cost: Annotated[float | None, typer.Option(help="New purchase price of one unit.")] = None,
    replacement: Annotated[str | None, typer.Option(help="Item that takes the place of a discontinued one.")] = None,
    note: Annotated[str | None, typer.Option(metavar="ID", help="Note that it was read from.")] = None,
    by: By = "operator",
    lang: Lang = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Propose an event and say it back; it changes nothing until it is confirmed."""
    from inventory.events import propose
    from tools.planning_events import EventWords, event_from_words

    words = EventWords(
        type=cast("EventType", kind),
        item=item,
        category=category,
        supplier=supplier,
        warehouse=warehouse,
        start=start,
        end=end,
        pct=pct,
        days=days,
        delta_days=delta_days,
        quantity=quantity,
        unit_cost=unit_cost,
        replacement=replacement,
        note=note,
    )
    with open_shop(settings_of(home)) as context:
        event = propose(context.store, event_from_words(words, context), actor=by)
        _say(event, context, lang, as_json, f"It counts from then on: parstock events confirm {event.id}")


@events.command(epilog="Example: parstock events confirm ev-3f2a9c1b7d4e --by Anna")
def confirm(event_id: Id, by: By = "operator", lang: Lang = None, home: Home = None, as_json: AsJson = False) -> None:
    """Let an event take effect, at once, in forecasts and plans."""
    from inventory.events import confirm as confirm_event

    with open_shop(settings_of(home)) as context:
        _say(confirm_event(context.store, event_id, actor=by), context, lang, as_json)


@events.command(epilog="Example: parstock events withdraw ev-3f2a9c1b7d4e --by Anna")
def withdraw(event_id: Id, by: By = "operator", lang: Lang = None, home: Home = None, as_json: AsJson = False) -> None:
    """Take an event back, confirmed or not."""
    from inventory.events import withdraw as withdraw_event

    with open_shop(settings_of(home)) as context:
        _say(withdraw_event(context.store, event_id, actor=by), context, lang, as_json)


def _say(
    event: "PlanningEvent", context: "ToolContext", lang: Literal["en", "zh"] | None, as_json: bool, *following: str
) -> None:
    """Print an event as it is kept now."""
    from tools.planning_events import event_json

    told: dict[str, Any] = event_json(event, context)
    sentence = told["text_zh" if lang == "zh" else "text_en"]
    say(told, as_json, f"{event.id} ({event.status}): {sentence}", *following)
