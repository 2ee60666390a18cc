"""The training script's parts, on a tiny model."""

import itertools
from pathlib import Path

import torch

from agent.embedded.decode import EmbeddedModel
from agent.embedded.render import Renderer, Utterance
from agent.embedded.vocabulary import PAD
from finetune import pretrain, router, tokenizer
from finetune.corpus import phrasings
from finetune.examples import Encoder, catalogue, stream


def test_a_tiny_model_learns_and_its_folder_is_served(tmp_path: Path) -> None:
    """The loss falls, and what is exported is a model folder that answers."""
    torch.manual_seed(0)
    tools = catalogue()
    chosen = [p for p in phrasings() if p.id.startswith("jo:")][:80]
    words = tokenizer.train(chosen, tools, conversations=400)
    words.save(str(tmp_path / "tokenizer.json"))
    renderer = Renderer(words)
    fitted = router.train(chosen, list(tools.tools), copies=1, epochs=1)
    fitted.save(tmp_path)
    model = pretrain.build(64, 1, words.get_vocab_size())
    steppers = pretrain.optimisers(model)
    examples = stream(Encoder(renderer, tools), chosen, [fitted] * router.FOLDS, seed=1)
    losses = []
    for batch in itertools.islice(pretrain.batches(examples, 16, renderer.id(PAD), "cpu"), 30):
        loss = pretrain.loss_of(model, batch)
        loss.backward()
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad()
        losses.append(loss.item())
    pretrain.export(model, tmp_path)
    served = EmbeddedModel(tmp_path)
    reply = served.say([Utterance.of("user", "how many mugs are left?")], served.grammar(tools))

    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    assert reply.reply.kind in ("call", "clarify", "decline", "talk")
    assert 0 < reply.certainty <= 1


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A checkpoint restores weights, clock and step."""
    model = pretrain.build(64, 1, 512)
    steppers = pretrain.optimisers(model)
    state = pretrain.Checkpoint(tmp_path / "checkpoint.pt")
    state.save(model, steppers, [[0.02], [0.003]], 12.5, 40)
    other = pretrain.build(64, 1, 512)

    assert state.load(other, pretrain.optimisers(other)) == (12.5, 40)
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), other.state_dict().values(), strict=True))


def test_the_learning_rate_warms_up_and_ends_at_nothing() -> None:
    """Warm-up, plateau, linear decay."""
    assert [pretrain.rate(x) for x in (0.0, 0.01, 0.02, 0.4, 0.75, 1.0)] == [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
