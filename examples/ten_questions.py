"""Ten questions to a shop, English and Chinese: right tools, every number checked, and how long each answer takes.

    python examples/ten_questions.py                                  # over the demonstration shop
    python examples/ten_questions.py --sales online_retail_II.parquet # over your own real sales (preset online-retail)

Ends with status 1 when a question was not answered with the right tools or a number in an answer cannot be traced.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from agent.answer import Answer
from agent.loop import Agent
from agent.models import open_model
from agent.verify import verify
from inventory.demo import make_demo, make_demo_around_sales
from inventory.store import Store
from parstock.domain import Item
from parstock.settings import Settings
from tools.context import ToolContext
from tools.plans import FORECAST_DAYS


@dataclass(frozen=True)
class Question:
    """What is asked, and what a good answer does."""

    text: str
    tools: tuple[str, ...] = ()
    behaviour: str = "answer"
    follows: bool = False
    """Goes on in the thread of the question before."""


@dataclass(frozen=True)
class Asked:
    """A question with its answer."""

    question: Question
    answer: Answer
    first_token_s: float
    whole_s: float
    problems: tuple[str, ...]


def questions(first: Item, second: Item) -> tuple[Question, ...]:
    """The ten, about two products of the shop."""
    a, b = first.name, second.name
    return (
        Question(f"How many {a} do we have in stock, and how many are on the way?", ("get_stock",)),
        Question(f"What demand do you expect for {b} over the next 6 weeks?", ("forecast_demand",)),
        Question("and over 30 days?", ("forecast_demand",), follows=True),
        Question(f"Should we reorder {a} now, and how much?", ("recommend_replenishment",)),
        Question(f"What if demand for {a} goes up 20 %?", ("simulate_scenario",)),
        Question("What does our policy say about approval of large orders?", ("search_policies",)),
        Question(f"Stock of {a} and a demand forecast for {b}, please.", ("get_stock", "forecast_demand")),
        Question(f"{b}现在还有多少库存？", ("get_stock",)),
        Question("这个要补多少货？", behaviour="clarify"),
        Question("Book me a flight to Madrid for Friday.", behaviour="decline"),
    )


def ask(agent: Agent, asked: Iterator[Question] | tuple[Question, ...]) -> Iterator[Asked]:
    """Put the questions, one after the other."""
    thread = None
    for question in asked:
        began, first, answer = time.perf_counter(), 0.0, None
        for event in agent.stream(question.text, thread_id=thread if question.follows else None):
            if event.kind == "token" and not first:
                first = time.perf_counter() - began
            answer = event.answer or answer
        assert answer is not None
        thread = answer.thread_id
        yield Asked(question, answer, first, time.perf_counter() - began, problems(question, answer))


def problems(question: Question, answer: Answer) -> tuple[str, ...]:
    """What is wrong with an answer: behaviour, tools, or a number that no fact holds."""
    found = []
    called = tuple(sorted(call.name for call in answer.calls))
    if answer.behaviour != question.behaviour:
        found.append(f"behaviour {answer.behaviour!r} instead of {question.behaviour!r}")
    if called != tuple(sorted(question.tools)):
        found.append(f"called {called} instead of {question.tools}")
    if answer.calls:
        found += verify(answer.text, answer.facts, question.text, answer.lang, citations=answer.citations).problems
    return tuple(found)


def main() -> int:
    """Make the shop, ask, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sales", type=Path, help="real sales in the layout of Online Retail II; default: the demonstration shop"
    )
    parser.add_argument("--model", default="embedded", help="chat model")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(Path(folder), model=options.model)
        store = Store.open(settings)
        if options.sales:
            make_demo_around_sales(store, options.sales, "online-retail")
        else:
            make_demo(store)
        context = ToolContext.open(settings, store)
        context.forecasts.of_shop("", FORECAST_DAYS)  # the night's run
        context.index()
        panel = context.records.panel(days=180)
        best = np.nansum(panel.demand, axis=1).argsort()[::-1]
        items = context.shelf().items
        agent = Agent(settings, context, open_model(settings))
        agent.warm_up()
        results = list(ask(agent, questions(items[panel.items[best[0]]], items[panel.items[best[1]]])))
        store.close()
    for number, asked in enumerate(results, 1):
        print(f"{number:2}. {asked.question.text}\n    {asked.answer.text}")
        print(f"    -> {', '.join(call.name for call in asked.answer.calls) or asked.answer.behaviour}; {asked.whole_s:.2f} s")
        for problem in asked.problems:
            print(f"    PROBLEM: {problem}")
    good = sum(not asked.problems for asked in results)
    print(f"{good} of {len(results)} answered with the right tools and every number traced")
    first, whole = (median(getattr(asked, name) for asked in results) for name in ("first_token_s", "whole_s"))
    print(f"first token {first:.2f} s, answer {whole:.2f} s (medians)")
    return 0 if good == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
