"""The `parstock` command: one function a command; the groups `events` and `finetune`. Computes nothing, draws nothing itself.

Exit codes: 0 done, 1 the work failed, 2 wrong usage or input, 130 stopped by Ctrl-C. Heavy packages are imported by
the commands that need them, so that `--help` is quick.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli_events import events
from cli_finetune import finetune
from cli_shop import AsJson, Home, Lang, open_shop, plan_proof, plan_tables, settings_of
from parstock.errors import InputError, ParstockError, SetupError
from parstock.terminal import check_out, column_and_field, console, parts, progress, say, table, write_table

if TYPE_CHECKING:
    from agent.answer import Answer
    from agent.loop import Agent
    from parstock.settings import Settings

Model = Annotated[str | None, typer.Option(help="Chat model: embedded, scripted, a folder or hub id, openai:MODEL@URL.")]
Thread = Annotated[str | None, typer.Option(metavar="ID", help="Go on with this conversation.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
Horizon = Annotated[int | None, typer.Option("--horizon-days", min=1, max=365, help="Days ahead.")]
Items = Annotated[str | None, typer.Option(help="Codes or names, separated by commas; by default all.")]
At = Annotated[str | None, typer.Option("--warehouse", help="Code or name; by default all together.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a table too: .csv, .parquet, .xlsx or .json.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(events, name="events")
app.add_typer(finetune, name="finetune")


@app.callback()
def parstock(debug: Annotated[bool, typer.Option("--debug", help="Log everything and show tracebacks.")] = False) -> None:
    """Parstock plans a shop's stock: forecasts, explained orders, answers in English and Chinese."""
    logging.captureWarnings(True)
    if debug:
        logging.basicConfig(level=logging.DEBUG, force=True)
    elif not logging.root.handlers:
        logging.root.addHandler(logging.NullHandler())


@app.command(epilog="Example: parstock demo --port 8080")
def demo(
    sales: Annotated[Path | None, typer.Option(metavar="FILE", help="Real sales to build the shop around.")] = None,
    preset: Annotated[str, typer.Option(help="Layout of that file.")] = "online-retail",
    seed: Annotated[int, typer.Option(help="The same seed makes the same shop.")] = 7,
    serve: Annotated[bool, typer.Option(help="Serve the shop afterwards.")] = True,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a demonstration shop where the home is empty, then serve it."""
    from inventory.demo import make_demo, make_demo_around_sales
    from inventory.demo.key import demo_key

    settings = settings_of(home)
    with open_shop(settings) as context, progress() as tell:
        if sales:
            make_demo_around_sales(context.store, sales, preset, seed=seed, progress=tell)
        elif context.records.is_empty():
            make_demo(context.store, seed=seed, progress=tell)
        key, label, count = demo_key(context.store, settings.home), context.records.label(), len(context.records.items())
    shop = {"home": str(settings.home), "items": count, "label": label, "key": key}
    lines = [f"The shop in {settings.home} holds {count:,} items.", *_data_remark(label), f"API key: {key}"]
    if not serve:
        say(shop, as_json, *lines)
        return

    def ready(url: str) -> None:
        page = f"{url}/#key={key}"
        say(shop | {"page": page}, as_json, *lines, f"Page:    {page} (Ctrl-C stops it)")

    _serve(settings, host, port, ready)


@app.command(epilog="Example: parstock serve --host 0.0.0.0 --port 8000")
def serve(host: Host = "127.0.0.1", port: Port = 8000, model: Model = None, home: Home = None, as_json: AsJson = False) -> None:
    """Serve the chat page and the HTTP API."""
    _serve(settings_of(home, model), host, port, lambda url: say({"url": url}, as_json, f"Serving {url} (Ctrl-C stops it)"))


@app.command(epilog="Example: parstock key buying-team --scopes read,plan,propose")
def key(
    name: Annotated[str, typer.Argument(help="Who the key is for.")],
    scopes: Annotated[str, typer.Option(help="Of read, plan, propose, approve, admin; separated by commas.")] = "read,plan",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key; it is shown this once."""
    from inventory import keys

    with open_shop(settings_of(home)) as context:
        secret = keys.create(context.store, name, frozenset(parts(scopes, "scopes")))
    say({"name": name, "key": secret}, as_json, secret)


@app.command(epilog='Example: parstock ask "How many cakestands should we order?"')
def ask(
    question: Annotated[str, typer.Argument(help="In English or Chinese.")],
    thread: Thread = None,
    lang: Lang = None,
    model: Model = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask the agent one question."""
    with _agent(home, model) as agent:
        answer = agent.ask(question, thread_id=thread, lang=lang)
    say(answer.as_json(), as_json, answer.text)
    if not as_json:
        console(stderr=True).print(f"Go on with --thread {answer.thread_id}", style="dim", soft_wrap=True)


@app.command(epilog="Example: parstock chat --lang zh")
def chat(thread: Thread = None, lang: Lang = None, model: Model = None, home: Home = None, as_json: AsJson = False) -> None:
    """Talk with the agent, line by line; an empty line, "exit" or Ctrl-D ends it."""
    aside = console(stderr=True)
    with _agent(home, model) as agent:
        while (line := _read_line()) not in ("", "exit", "quit", "退出"):
            try:
                answer = _told(agent, line, thread, lang, as_json)
            except InputError as error:
                aside.print(str(error), style="red", soft_wrap=True)
            else:
                thread = answer.thread_id


@app.command("import", epilog='Example: parstock import sales may.csv june.csv --map "Stock No=item" --dry-run')
def import_(
    kind: Annotated[str, typer.Argument(help="sales, stock, items, suppliers, warehouses, purchase-orders, policies or notes.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV, Parquet or XLSX; policies also Markdown.")],
    mapping: Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="May be repeated.")] = None,
    preset: Annotated[str | None, typer.Option(help="A known layout of sales: online-retail.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only, write nothing.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Import files and print what became of every row; --json prints one report a line."""
    from inventory.importing import import_file
    from tools.policy_check import check_policies

    columns = dict(column_and_field(pair) for pair in mapping or ())
    with open_shop(settings_of(home)) as context:
        check = partial(check_policies, context=context) if kind == "policies" else None
        options: dict[str, Any] = {"mapping": columns, "preset": preset, "dry_run": dry_run, "check": check}
        for path in files:
            with progress() as tell:
                report = import_file(context.store, kind, path, **options, progress=tell)
            say(report.to_json(), as_json, str(report))


@app.command(epilog="Example: parstock forecast --workers 2 --resume --horizon-days 56 --out next.xlsx")
def forecast(
    items: Items = None,
    horizon_days: Horizon = None,
    model: Annotated[str, typer.Option(help="Forecaster; auto chooses by backtest.")] = "auto",
    warehouse: At = None,
    out: Out = None,
    workers: Annotated[int, typer.Option(min=0, help="Ray workers for a run over all items; 0 = this process alone.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run over all items that was stopped.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Forecast some or all items; over all it is the night's run, which is kept for answers and plans."""
    from tools.shop_runs import Night

    check_out(out)
    if items is not None and (workers or resume):
        raise InputError(f"items is {items!r}; --workers and --resume are for a run over all items", field="items")
    settings = settings_of(home)
    with open_shop(settings) as context:
        code = context.warehouse_code(warehouse)
        days = horizon_days or context.settings.horizon_days
        if items is None:
            night = Night(workers, resume, settings.ray_address)
            made = context.forecasts.of_shop(code, days, model, night=night, progress=context.progress)
        else:
            skus = dict.fromkeys(context.names.resolve_item(text, field="items").sku for text in parts(items, "items"))
            made = context.forecasts.of_items(tuple(skus), code, days, model, progress=context.progress)
        names, label = context.shelf().items, context.records.label()
    from forecasting.tables import daily_table, item_rows

    if out:
        write_table(daily_table(made), out)
    rows = [{"name": names[sku].name, **row} for sku, row in zip(made.items, item_rows(made), strict=True)]
    found = {"start": made.start.isoformat(), "horizon_days": days, "warehouse": code, "label": label, "items": rows}
    columns = ("item", "name", "model", "status", "mean", "p10", "p90")
    shown = table(f"Units in the {days} days from {made.start}", columns, rows, whole=("item", "status"))
    say(found, as_json, shown, *_data_remark(label))


@app.command(epilog="Example: parstock plan --category Kitchen --budget 5000 --out orders.csv")
def plan(
    items: Items = None,
    category: Annotated[str | None, typer.Option(help="Only items of this category.")] = None,
    warehouse: At = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Most money to spend.")] = None,
    capacity: Annotated[float | None, typer.Option(min=0, help="Most units there may be, on order included.")] = None,
    service_level: Annotated[float | None, typer.Option(help="Chance of no stockout, between 0 and 1.")] = None,
    horizon_days: Horizon = None,
    lang: Lang = None,
    out: Out = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Plan what to order now, and say why."""
    check_out(out)
    import pandas as pd
    from pydantic import ValidationError

    from web.plans import PlanRequest, explained_plan

    wanted: dict[str, Any] = {"category": category, "warehouse": warehouse, "budget": budget, "service_level": service_level}
    wanted |= {
        "capacity": capacity,
        "items": None if items is None else parts(items, "items"),
        "horizon_days": horizon_days,
        "lang": lang or "en",
    }
    try:
        asked = PlanRequest.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(f"{first['loc'][0]} is {first['input']!r}: {first['msg']}", field=str(first["loc"][0])) from error
    with open_shop(settings_of(home)) as context:
        found: dict[str, Any] = explained_plan(asked, context)
    if out:
        write_table(pd.DataFrame(found["lines"]).drop(columns="facts").assign(clauses=lambda t: t["clauses"].str.join(" ")), out)
    say(found, as_json, *plan_tables(found), found["explanation"], *plan_proof(found))


@app.command(epilog="Example: parstock tools --json")
def tools(home: Home = None, as_json: AsJson = False) -> None:
    """List the tools that the agent works with."""
    from tools.base import tools as registry
    from tools.catalogue import function, offered

    found = [function(spec) for spec in offered()]
    rows = [{"name": f["name"], "scope": registry.get(str(f["name"])).scope, "does": f["description"]} for f in found]
    say([dict(spec) for spec in offered()], as_json, table("", ("name", "scope", "does"), rows, whole=("name",)))


@app.command(epilog="""Example: parstock tool get_stock '{"item": "22423"}'""")
def tool(
    name: Annotated[str, typer.Argument(help="As `parstock tools` lists it.")],
    arguments: Annotated[str, typer.Argument(metavar="JSON", help="Its arguments, a JSON object.")] = "{}",
    lang: Lang = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Call one tool directly."""
    from agent.answer import plain
    from tools.call import call_tool

    try:
        given = json.loads(arguments)
    except ValueError as error:
        raise InputError(f"arguments are {arguments!r}, which is not JSON: {error}", field="arguments") from error
    if not isinstance(given, dict):
        raise InputError(f'arguments are {arguments!r}; give a JSON object such as {{"item": "22423"}}', field="arguments")
    with open_shop(settings_of(home)) as context:
        result = call_tool(name, given, context)
    sentences = dict.fromkeys(fact.zh if lang == "zh" else fact.en for fact in result.facts)  # one may hold several facts
    say(plain(result), as_json, *sentences)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Example: parstock evaluate all --size quick --report report.json\n\n"
    "Others: parstock evaluate dialogues --n 10; evaluate explanations --n 40; evaluate stability --repeats 2; "
    "evaluate retrieval --data DIR; evaluate tool-calls --cases FILE; "
    "evaluate forecast --history past.csv --test next.csv --horizon-days 28",
)
def evaluate(
    context: typer.Context,
    suite: Annotated[
        str, typer.Argument(help="Such as all, dialogues or forecast; an unknown name lists them, an unknown option a suite's.")
    ],
    cases: Annotated[Path | None, typer.Option(metavar="FILE", help="Cases, one JSON object a line.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report here, as JSON.")] = None,
    model: Model = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Run an evaluation suite and report its scores; a suite's own options follow its name."""
    from evaluation.base import Options, options_of, rows_of, run_suite

    if report and not report.parent.is_dir():
        raise InputError(f"report is {str(report)!r}, but there is no folder {str(report.parent)!r}", field="report")
    settings = settings_of(home, model)
    with progress() as tell:
        options = Options(settings, cases, model, options_of(context.args))
        scores = run_suite(suite, options, lambda share, what: tell(what, share))
    if report:
        report.write_text(json.dumps(scores, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    shown: list[object] = [f"{name}: {value}" for name, value in scores.items() if not isinstance(value, (dict, list))]
    if rows := rows_of(scores):
        shown.append(table("", tuple(rows[0]), rows, whole=("model", "figure", "interval")))
    say(scores, as_json, *shown)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; an error is one line, with a traceback only under `--debug`."""
    try:
        code = app(arguments, prog_name="parstock", standalone_mode=False)
    except Exception as error:
        if logging.root.isEnabledFor(logging.DEBUG):
            raise
        text, code = _complaint(error)
        print("parstock:", " ".join(text.split()), file=sys.stderr)
    sys.exit(code or 0)


def _complaint(error: Exception) -> tuple[str, int]:
    """What to say about an error, and the exit code."""
    if isinstance(error, typer.TyperException):
        return f"{error.format_message()} (--help shows the usage)", 2
    if isinstance(error, ParstockError):
        return str(error), 2 if isinstance(error, (InputError, SetupError)) else 1
    return f"{type(error).__name__}: {error} (`parstock --debug ...` shows where)", 1


@contextmanager
def _agent(home: Path | None, model: str | None) -> "Iterator[Agent]":
    """The agent over the records of a home."""
    from agent.loop import Agent
    from agent.models import open_model

    settings = settings_of(home, model)
    with open_shop(settings) as context:
        yield Agent(settings, context, open_model(settings))


def _serve(settings: "Settings", host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until stopped, with a log on stderr that says what is still being made.

    Where a thread is still busy in native code at the end, the process leaves without it.
    """
    from server import run

    if not logging.root.isEnabledFor(logging.DEBUG):
        log = logging.StreamHandler()
        log.setLevel(logging.WARNING if sys.stderr.isatty() else logging.INFO)
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[log], force=True
        )
    aside = console(stderr=True)
    if not run(settings, host, port, announce=announce, tell=lambda line: aside.print(line, style="dim", soft_wrap=True)):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _data_remark(label: str) -> list[str]:
    return [f"Data: {label}."] if label else []


def _read_line() -> str:
    """What the person says next; "" at the end of the input."""
    if sys.stdin.isatty():
        print("> ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _told(agent: "Agent", line: str, thread: str | None, lang: Literal["en", "zh"] | None, as_json: bool) -> "Answer":
    """Answer one line of a conversation; the text is printed as it comes."""
    for event in agent.stream(line, thread_id=thread, lang=lang):
        if event.kind == "token" and not as_json:
            print(event.data["text"], end="", flush=True)
        if event.answer is not None:
            say(event.data, as_json, "")
            return event.answer
    raise AssertionError("a stream ends with `done`")


if __name__ == "__main__":
    main()
