"""The n-gram router as a chat model."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from agent import replies
from evaluation import arms
from evaluation.calls import Call, Decided
from evaluation.cases import Message
from parstock.settings import Settings

STOCK = Decided("call", (Call("get_stock", {"item": "mug"}),))


@pytest.mark.parametrize(
    ("decided", "calls"),
    [
        (STOCK, [("get_stock", {"item": "mug"})]),
        (Decided("clarify"), [(replies.ASK_USER, {"missing": ""})]),
        (Decided("refuse"), [(replies.DECLINE, {"reason": "out_of_scope"})]),
        (Decided("answer"), []),
    ],
)
def test_what_the_router_decides_is_what_the_model_does(
    monkeypatch: pytest.MonkeyPatch, decided: Decided, calls: list[object]
) -> None:
    """It hears the talk without the system's rules, and its decision becomes calls in LangChain's form."""
    heard: list[list[Message]] = []

    def decide(messages: list[Message]) -> Decided:
        heard.append(messages)
        return decided

    monkeypatch.setattr(arms, "decide_by_router", decide)
    model = arms.open_arm(Settings(model=arms.ROUTER)).bind_tools([])
    reply = model.invoke([SystemMessage("rules"), HumanMessage("hi"), AIMessage("Hello."), HumanMessage("thanks")])

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == calls
    assert [(message.role, message.content) for message in heard[0]] == [
        ("user", "hi"),
        ("assistant", "Hello."),
        ("user", "thanks"),
    ]


def test_the_facts_word_its_answers() -> None:
    """After a tool's result it says nothing."""
    call = {"name": "get_stock", "args": {}, "id": "1"}
    messages = [HumanMessage("mugs?"), AIMessage("", tool_calls=[call]), ToolMessage("{}", tool_call_id="1")]

    assert arms.RouterChatModel().invoke(messages).text == ""
