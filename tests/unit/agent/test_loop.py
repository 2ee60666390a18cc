"""Conversations of the agent with a scripted model over the real tools of the tiny shop."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agent import turn as turn_module
from agent.answer import Answer
from agent.link import ENTITIES
from agent.loop import Agent
from agent.models.scripted import ScriptedChatModel
from agent.texts import checked, pieces
from agent.turn import Limits
from agent.verify import verify
from inventory import proposals
from inventory.store import Store
from inventory.threads import load_turns
from parstock.errors import InputError, SetupError, ToolFailed
from parstock.settings import Settings
from tools.call import call_tool
from tools.context import ToolContext

STOCK = [("get_stock", {"item": "HM-20417"})]
BOTH = [*STOCK, ("find_items", {"query": "lantern"})]


@pytest.fixture(scope="module")
def shop(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """A copy of the tiny shop that conversations may write to."""
    home = tmp_path_factory.mktemp("agent-shop") / "home"
    shutil.copytree(tiny_home, home)
    settings = Settings(home=home, model="scripted")
    store = Store.open(settings)
    yield ToolContext.open(settings, store)
    store.close()


def agent_of(shop: ToolContext, replies: Any, **limits: Any) -> tuple[Agent, ScriptedChatModel]:
    """An agent whose model says `replies`."""
    model = ScriptedChatModel(replies=replies)
    return Agent(shop.settings, shop, model, Limits(**limits)), model


def ask(shop: ToolContext, replies: Any, text: str, **limits: Any) -> Answer:
    """One turn with a model that says `replies`."""
    return agent_of(shop, replies, **limits)[0].ask(text)


def test_facts_answer_where_the_model_leaves_the_wording_to_them(shop: ToolContext) -> None:
    """An empty text after a tool result means the deterministic explanation, with its facts, chart and trace."""
    answer = ask(shop, [STOCK], "How many HM-20417 do we have?")
    assert answer.text.startswith("Ceramic Mug Fog Blue has 120 units on hand: 10 reserved and 110 free to sell.")
    assert (answer.behaviour, answer.lang, answer.fallback, answer.trace.text_by) == ("answer", "en", False, "facts")
    (call,) = answer.calls
    assert (call.id, call.name, call.arguments, call.ok) == ("c1", "get_stock", {"item": "HM-20417"}, True)
    assert call.result_id.startswith("get_stock-")
    assert {fact.id.partition(".")[0] for fact in answer.facts} == {"c1"}
    assert answer.charts


def test_a_chinese_question_is_answered_in_chinese(shop: ToolContext) -> None:
    """The language of the question is that of the answer."""
    answer = ask(shop, [STOCK], "HM-20417 还有多少库存？")
    assert answer.lang == "zh"
    assert answer.text.startswith("陶瓷马克杯 雾蓝现有库存120件，其中预留10件，可售110件。")


def test_a_faithful_text_of_the_model_is_sent_as_it_is(shop: ToolContext) -> None:
    """A large model's own words reach the planner when every figure in them checks."""
    facts = [fact.en for fact in call_tool("get_stock", {"item": "HM-20417"}, shop).facts if fact.required]
    text = f"<think>Hm, 999?</think>Here is what I found. {' '.join(facts)}"
    answer = ask(shop, [STOCK, text], "How many HM-20417 do we have?")
    assert answer.text == text.partition("</think>")[2]
    assert answer.trace.text_by == "model"


def test_a_wrong_figure_is_repaired_once(shop: ToolContext) -> None:
    """The model hears which numbers do not agree, with the facts, and its second text is sent when it checks."""
    facts = " ".join(fact.en for fact in call_tool("get_stock", {"item": "HM-20417"}, shop).facts if fact.required)
    agent, model = agent_of(shop, [STOCK, f"{facts} That is worth 999 pounds.", facts])
    answer = agent.ask("How many HM-20417 do we have?")
    assert (answer.text, answer.trace.text_by, answer.fallback) == (facts, "repaired model", False)
    assert "'999' is in no fact" in answer.trace.problems[0]
    repair = str(model.heard[-1][-1].text)
    assert "'999' is in no fact" in repair
    assert "120 units on hand: 10 reserved and 110 free to sell. (required)" in repair


def test_a_text_that_stays_wrong_gives_way_to_the_facts(shop: ToolContext) -> None:
    """After one repair the deterministic explanation stands in, and the answer says so."""
    answer = ask(shop, [STOCK, "You have 999.", "You have 998."], "How many HM-20417 do we have?")
    assert answer.text.startswith("Ceramic Mug Fog Blue has 120 units on hand: 10 reserved and 110 free to sell.")
    assert answer.fallback
    assert answer.trace.problems


def test_an_ambiguous_name_becomes_one_question_with_the_choices(shop: ToolContext) -> None:
    """Two products of that name: the planner chooses, the model is not asked to guess."""
    agent, model = agent_of(shop, [[("get_stock", {"item": "regency cakestand"})], "Never said."])
    answer = agent.ask("stock of the regency cakestand?")
    assert answer.behaviour == "clarify"
    assert answer.text.startswith("Which product do you mean by “regency cakestand”: ")
    assert "REGENCY CAKESTAND 3 TIER (22423)" in answer.text
    assert "REGENCY CAKESTAND 2 TIER (22424)" in answer.text
    assert len(model.heard) == 1


def test_results_are_told_before_a_question(shop: ToolContext) -> None:
    """A question about one of two requests does not swallow the answer to the other."""
    answer = ask(shop, [[*STOCK, ("get_stock", {"item": "regency cakestand"})]], "stock of HM-20417 and the regency cakestand")
    assert answer.behaviour == "clarify"
    assert "120 units on hand" in answer.text
    assert answer.text.rstrip().endswith("?")


def test_a_scenario_in_which_nothing_changes_asks_what_should(shop: ToolContext) -> None:
    """What was not said is asked for in words; no argument's name and no “None” reaches the planner."""
    answer = ask(shop, [[("simulate_scenario", {"item": "HM-20417"})], ""], "what if for HM-20417?")
    assert (answer.behaviour, answer.text) == ("clarify", "By how much should demand change?")


BAD_PERIOD = [("get_sales_history", {"item": "HM-20417", "start": "blurgsday"})]


def test_a_wrong_input_goes_back_to_the_model_once(shop: ToolContext) -> None:
    """A model that puts its own slip right is not betrayed to the planner."""
    agent, model = agent_of(shop, [BAD_PERIOD, [("get_sales_history", {"item": "HM-20417"})]])
    answer = agent.ask("sales of HM-20417")
    assert answer.behaviour == "answer"
    assert "blurgsday" not in answer.text
    assert [call.ok for call in answer.calls] == [False, True]
    heard = model.heard[1][-1]
    assert isinstance(heard, ToolMessage)
    assert "blurgsday" in str(heard.text)


@pytest.mark.parametrize("then", ["", [("get_sales_history", {"item": "HM-20417", "start": "blurgsday2"})]])
def test_a_wrong_input_that_stays_wrong_is_told(shop: ToolContext, then: Any) -> None:
    """What the model cannot put right, the planner can: they are told what was wrong with what."""
    answer = ask(shop, [BAD_PERIOD, then], "sales of HM-20417 since blurgsday")
    assert answer.behaviour == "clarify"
    assert "blurgsday" in answer.text


def test_a_missing_argument_becomes_the_question_for_it(shop: ToolContext) -> None:
    """A model that forgets what a tool requires makes the agent ask for it in plain words."""
    answer = ask(shop, [[("get_stock", {})]], "what is in stock?")
    assert (answer.text, answer.behaviour) == ("Which product do you mean? A name or an item code will do.", "clarify")


def test_a_failed_tool_is_stated_and_the_rest_is_told(shop: ToolContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """One tool's failure is said plainly beside the other tools' results."""

    def failing(name: str, arguments: Any, context: ToolContext) -> Any:
        if name == "find_items":
            raise ToolFailed("the index is being rebuilt")
        return call_tool(name, arguments, context)

    monkeypatch.setattr(turn_module, "call_tool", failing)
    answer = ask(shop, [BOTH], "stock of HM-20417, and find lanterns")
    assert "120 units on hand" in answer.text
    assert "Items could not be worked out: the index is being rebuilt." in answer.text
    text = " ".join(fact.en for fact in answer.facts if fact.required)
    assert "could not be worked out" in ask(shop, [BOTH, text], "stock of HM-20417, and find lanterns").text


@pytest.mark.parametrize(
    ("replies", "stopped"),
    [
        ([[("no_such_tool", {"x": 1})], [("no_such_tool", {"x": 2})]], "wrong calls"),
        ([[("get_stock", {"article": "HM-20417"})], [("get_stock", {"sku": "HM-20417"})]], "refused input"),
        ([[("get_stock", {"item": 5})], [("get_stock", {"item": 6})]], "wrong calls"),
        (
            [
                AIMessage(
                    "", invalid_tool_calls=[{"name": "x", "args": "{", "id": f"{i}", "error": "", "type": "invalid_tool_call"}]
                )
                for i in range(3)
            ],
            "unreadable calls",
        ),
        (["", ""], ""),
        (["We have 340 units. " * 3000, "We have 341 units."], ""),
        (["<tool_call>{", "<tool_call>{"], ""),
    ],
)
@pytest.mark.parametrize("text", ["How many HM-20417 do we have?", "HM-20417 还有多少库存？"])
def test_a_model_talking_nonsense_ends_in_a_question(shop: ToolContext, replies: Sequence[Any], stopped: str, text: str) -> None:
    """Unknown tools, wrong arguments, broken JSON, silence, floods: the planner gets one short question, never an error."""
    answer = ask(shop, replies, text)
    assert answer.behaviour == "clarify"
    assert answer.trace.stopped == stopped
    assert len(answer.text) < 300
    assert "340" not in answer.text


def test_an_endless_loop_is_cut_and_what_was_found_is_told(shop: ToolContext) -> None:
    """A model that never stops calling is stopped by the limit of calls; the results stand."""
    count = iter(range(1, 100))
    answer = ask(shop, lambda messages: [("find_items", {"query": "mug", "limit": next(count)})], "find mugs")
    assert (answer.trace.stopped, answer.trace.model_calls, len(answer.calls)) == ("model calls", 6, 6)
    assert "Ceramic Mug Fog Blue" in answer.text
    assert answer.fallback


def test_at_most_so_many_tools_run_in_a_turn(shop: ToolContext) -> None:
    """Fifty calls in one message are eight calls."""
    answer = ask(shop, [[("find_items", {"query": "mug", "limit": i}) for i in range(1, 51)]], "find mugs")
    assert (answer.trace.stopped, len(answer.calls)) == ("tool calls", 8)


def test_a_repeated_call_runs_once_and_ends_the_turn(shop: ToolContext) -> None:
    """The same call with the same arguments gives nothing new, so it is not made."""
    answer = ask(shop, lambda messages: STOCK, "How many HM-20417 do we have?")
    assert (len(answer.calls), answer.trace.stopped, answer.trace.model_calls) == (1, "repeated calls", 2)
    assert "120 units on hand" in answer.text


def test_the_time_budget_ends_a_turn(shop: ToolContext) -> None:
    """When the time is used up, no further model call is made."""
    answer = ask(shop, [STOCK], "How many HM-20417 do we have?", seconds=0.0)
    assert (answer.trace.stopped, answer.trace.model_calls, answer.calls) == ("time", 0, ())


def test_an_unreachable_model_is_one_clear_line(shop: ToolContext) -> None:
    """A model that cannot be reached is the operator's matter, said in one line."""

    def fail(messages: object) -> str:
        raise ConnectionError("connection refused\nTraceback ...")

    with pytest.raises(SetupError, match=r"the chat model 'scripted' did not answer: connection refused$"):
        ask(shop, fail, "hello")


def test_a_model_that_dies_after_a_result_does_not_take_it_along(shop: ToolContext) -> None:
    """Results found before the model failed are told."""

    def once(messages: Sequence[Any]) -> Any:
        if isinstance(messages[-1], HumanMessage):
            return STOCK
        raise TimeoutError("too slow")

    answer = ask(shop, once, "How many HM-20417 do we have?")
    assert "120 units on hand" in answer.text
    assert (answer.trace.stopped, answer.fallback) == ("model error", True)


@pytest.mark.parametrize(
    ("reply", "text", "behaviour", "start"),
    [
        ([("ask_user", {"missing": "item"})], "what's the forecast?", "clarify", "Which product do you mean?"),
        ([("ask_user", {"missing": "item"})], "预测一下", "clarify", "请问是哪个商品？"),
        ([("ask_user", {"missing": "Which mug, blue or white?"})], "stock of the mug", "clarify", "Which mug, blue or white?"),
        ([("ask_user", {"missing": "Shall I order 500?"})], "order mugs", "clarify", "I am not sure what you need."),
        ([("decline", {"reason": "out_of_scope"})], "write me a poem", "decline", "That is outside what I can help with."),
        ([("decline", {"reason": "needs_approval"})], "跳过审批直接下单", "decline", "这一步我不能代办"),
        ("", "thanks a lot!", "answer", "You're welcome."),
        ("", "你能做什么？", "answer", "我帮您做店铺的库存计划。"),
        ("Good morning! What can I do?", "hi there", "answer", "Good morning!"),
        ("Which product is it?", "forecast please", "clarify", "Which product is it?"),
        ("We have 340 of them.", "thanks!", "answer", "You're welcome."),
    ],
)
def test_turns_without_a_tool(shop: ToolContext, reply: Any, text: str, behaviour: str, start: str) -> None:
    """Questions back, declines and small talk come in the planner's language and hold no invented figure."""
    answer = ask(shop, [reply, reply], text)
    assert (answer.behaviour, answer.calls) == (behaviour, ())
    assert answer.text.startswith(start)


def test_a_draft_carries_the_person_who_asked(shop: ToolContext) -> None:
    """Whoever asked is on the draft, and the answer says that nothing is ordered yet."""
    agent, _ = agent_of(shop, [[("propose_purchase_order", {"item": "HM-20417", "quantity": 50})]])
    answer = agent.ask("draft an order of 50 HM-20417", actor="lina")
    (proposal,) = answer.proposals
    assert (proposal.created_by, proposal.state) == ("lina", "draft")
    assert proposal.id in answer.text


@pytest.mark.parametrize(
    ("text", "start"),
    [("draft 50 HM-20417", "Your API key lets me look and compute"), ("起草50件 HM-20417", "您的 API 密钥只能查询")],
)
def test_whoever_may_only_read_is_declined_a_draft(shop: ToolContext, text: str, start: str) -> None:
    """A draft without the scope is declined in one plain sentence of the planner's language, after what else was found."""
    before = proposals.list_proposals(shop.store)
    draft = ("propose_purchase_order", {"item": "HM-20417", "quantity": 50})
    agent, _ = agent_of(shop, [[draft], [*STOCK, draft]])
    answer = agent.ask(text, scopes=frozenset({"read"}))
    assert (answer.behaviour, answer.proposals, [call.ok for call in answer.calls]) == ("decline", (), [False])
    assert answer.text.startswith(start)
    both = agent.ask(text, scopes=frozenset({"read"}))
    assert (both.behaviour, [call.ok for call in both.calls]) == ("answer", [True, False])
    assert start in both.text.split("\n\n")[-1]
    assert proposals.list_proposals(shop.store) == before


def test_a_follow_up_hears_what_was_said_before(shop: ToolContext) -> None:
    """The model sees earlier questions and answers of the thread as plain messages; the calls are kept for the record."""
    agent, model = agent_of(shop, [STOCK, "", [("get_stock", {"item": "HM-20417", "warehouse": "London DC"})]])
    first = agent.ask("How many HM-20417 do we have?")
    second = agent.ask("and in London?", thread_id=first.thread_id)
    assert second.thread_id == first.thread_id
    roles = [(message.type, str(message.text)) for message in model.heard[2]]
    assert roles[1:] == [("human", "How many HM-20417 do we have?"), ("ai", first.text), ("human", "and in London?")]
    kept = load_turns(shop.store, first.thread_id)
    assert [message["role"] for message in kept] == ["user", "assistant", "user", "assistant"]
    assert kept[3]["tool_calls"] == [
        {
            "id": "c1",
            "type": "function",
            "function": {"name": "get_stock", "arguments": '{"item": "HM-20417", "warehouse": "London DC"}'},
        }
    ]


def test_names_of_the_shop_are_marked_for_the_model(shop: ToolContext) -> None:
    """A model that copies names from the planner's words is told where they stand."""
    agent, model = agent_of(shop, [STOCK])
    agent.ask("How many HM-20417 do we have?")
    (mark,) = model.heard[0][-1].additional_kwargs[ENTITIES]
    assert (mark["kind"], mark["start"], mark["end"]) == ("item", 9, 17)


def test_only_the_last_eight_turns_are_heard(shop: ToolContext) -> None:
    """A long thread does not grow the prompt without end."""
    agent, model = agent_of(shop, [])
    for number in range(10):
        agent.ask(f"thanks {number}", thread_id="long")
    texts = [str(message.text) for message in model.heard[-1]]
    assert (texts[1], texts[-1], len(texts)) == ("thanks 1", "thanks 9", 18)


def test_a_stream_tells_calls_then_results_then_the_checked_text(shop: ToolContext) -> None:
    """Clients see tool steps as they happen; the tokens add up to the answer, which comes last."""
    agent, _ = agent_of(shop, [BOTH, "Nonsense about 999."])
    events = list(agent.stream("stock of HM-20417, and find lanterns"))
    kinds = [event.kind for event in events]
    assert kinds[:4] == ["tool_call", "tool_call", "tool_result", "tool_result"]
    assert set(kinds[4:-1]) == {"token"}
    assert kinds[-1] == "done"
    done = events[-1]
    assert done.answer is not None
    assert "".join(str(event.data["text"]) for event in events if event.kind == "token") == done.answer.text == done.data["text"]
    assert "999" not in done.answer.text
    assert [event.data["name"] for event in events[:4]] == ["get_stock", "find_items", "get_stock", "find_items"]


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00\u200b", "x" * 4001])
def test_messages_that_say_nothing_or_too_much_are_refused(shop: ToolContext, text: str) -> None:
    """The field at fault is named before any model is asked."""
    agent, model = agent_of(shop, [STOCK])
    with pytest.raises(InputError) as raised:
        agent.stream(text)
    assert raised.value.field == "message"
    assert model.heard == []


def test_control_characters_are_taken_out() -> None:
    """Invisible characters neither reach the model nor hide text from a reader; line breaks stay."""
    assert checked(" stock\x00 of\u202e mugs\r\nplease\u200b ") == "stock of mugs\nplease"


@pytest.mark.parametrize("text", ["Two words.", "现有库存120件。 可售 110 件。\n- a\n- b", "  x", ""])
def test_pieces_add_up_to_the_text(text: str) -> None:
    """Cutting a text for streaming loses nothing."""
    assert "".join(pieces(text)) == text


def test_a_decision_runs_nothing(shop: ToolContext) -> None:
    """The first move alone, for evaluation: tool calls as given, and what kind of reply it is otherwise."""
    agent, model = agent_of(shop, [STOCK, [("ask_user", {"missing": "item"})], [("decline", {"reason": "unsafe"})], "Hello."])
    messages = [{"role": "user", "content": "stock?"}]
    decisions = [agent.decide(messages) for _ in range(4)]
    assert [decision.behaviour for decision in decisions] == ["call", "clarify", "decline", "answer"]
    assert decisions[0].calls == (("get_stock", {"item": "HM-20417"}),)
    assert len(model.heard) == 4


def test_every_answer_from_facts_verifies(shop: ToolContext) -> None:
    """The deterministic explanation of real tools' results is beyond objection in both languages."""
    calls = [
        ("get_stock", {"item": "22423"}),
        ("find_items", {"query": "cakestand"}),
        ("search_notes", {"query": "slow supplier"}),
        ("recommend_replenishment", {"item": "HM-20417"}),
        ("forecast_demand", {"item": "22423"}),
        ("get_sales_history", {"item": "22423"}),
    ]
    for text in ("tell me about 22423 and HM-20417", "说说 22423 和 HM-20417 的情况"):
        answer = ask(shop, [calls], text)
        names = tuple(shop.shelf().items) + tuple(item.name for item in shop.shelf().items.values())
        verdict = verify(answer.text, answer.facts, text, answer.lang, citations=answer.citations, names=names)
        assert verdict.problems == ()
        assert len(answer.calls) == 6
