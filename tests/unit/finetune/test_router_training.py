"""Training of the n-gram router."""

import pytest

from agent.embedded.render import Utterance
from finetune import router
from finetune.corpus import Conversation, Gold
from finetune.examples import catalogue
from finetune.phrasing import FOLDS, Phrasing, fold_of, phrasings


def test_a_router_learns_what_it_was_shown() -> None:
    """After two rounds the likeliest label of most phrasings is the right one."""
    chosen = [p for p in phrasings() if len(p.turns) == 1 and not p.follows and p.lang == "en"][:60]
    fitted = router.train(chosen, list(catalogue().tools), copies=1, epochs=4)
    right = 0
    for phrasing in chosen:
        names = {call["name"] for call in phrasing.last.get("calls", ())} or {router.KINDS[phrasing.last.get("behaviour", "")]}
        scores = fitted.scores([Utterance.of("user", phrasing.last["text"])])
        right += fitted.shortlist(scores, 1)[0] in names

    assert right > 0.8 * len(chosen)


def test_hints_come_from_a_router_that_has_not_seen_the_phrasing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The router of a fold is trained on all other folds and on nothing of its own."""
    seen: list[set[str]] = []
    monkeypatch.setattr(router, "train", lambda chosen, tools, **_: seen.append({p.id for p in chosen}))
    everything: list[Phrasing] = list(phrasings())
    router.cross_fitted(everything, ["get_stock"])

    assert len(seen) == FOLDS
    for fold, ids in enumerate(seen):
        assert ids == {p.id for p in everything if fold_of(p.id) != fold}
    assert set.union(*seen) == {p.id for p in everything}


def test_targets_are_tools_or_the_kind_of_reply() -> None:
    """Several calls are several labels; the case's words for not calling become the model's."""
    calls = (Gold("get_stock", {}), Gold("get_kpis", {}))

    assert router.targets(Conversation("a:1", "en", (), "call", calls)) == {"get_stock", "get_kpis"}
    assert router.targets(Conversation("a:1", "en", (), "refuse")) == {"decline"}
