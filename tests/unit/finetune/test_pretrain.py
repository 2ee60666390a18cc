"""The training script's parts, on a tiny model."""

import itertools
import json
from pathlib import Path

import pytest
import torch

from agent.embedded.decode import EmbeddedModel
from agent.embedded.render import Renderer, Utterance
from agent.embedded.vocabulary import PAD
from finetune import pretrain, router, tokenizer
from finetune.examples import Encoder, catalogue, stream
from finetune.phrasing import FOLDS, Phrasing, phrasings


def some_phrasings(number: int) -> list[Phrasing]:
    """A few lines of one writer."""
    return [p for p in phrasings() if p.id.startswith("jo:")][:number]


def test_a_tiny_model_learns_and_its_folder_is_served(tmp_path: Path) -> None:
    """The loss falls, and what is exported is a model folder that answers."""
    chosen = some_phrasings(40)
    words = tokenizer.train(chosen, catalogue(), conversations=100)
    words.save(str(tmp_path / "tokenizer.json"))
    fitted = router.train(chosen, list(catalogue().tools), copies=1, epochs=1)
    fitted.save(tmp_path)
    run = pretrain.Run.begin(64, 1, words.get_vocab_size(), "cpu")
    encoder = Encoder(Renderer(words), catalogue())
    examples = stream(encoder, chosen, [fitted] * FOLDS, seed=1)
    losses = []
    for batch in itertools.islice(pretrain.batches(examples, 8, encoder.renderer.id(PAD), "cpu"), 24):
        losses.append(pretrain.loss_of(run.model, batch).item())
        run.learn(batch, 1.0)
    pretrain.export(run.model, tmp_path)
    served = EmbeddedModel(tmp_path)
    reply = served.say([Utterance.of("user", "how many mugs are left?")], served.grammar(catalogue()))

    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    assert reply.kind in ("call", "clarify", "decline", "talk")


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A checkpoint restores weights, clock, steps and tokens."""
    run = pretrain.Run.begin(64, 1, 512, "cpu")
    run.seconds, run.step, run.tokens = 12.5, 40, 9000
    run.save(tmp_path / "checkpoint.pt")
    other = pretrain.Run.begin(64, 1, 512, "cpu")
    other.load(tmp_path / "checkpoint.pt")

    assert (other.seconds, other.step, other.tokens) == (12.5, 40, 9000)
    assert other.rates == run.rates
    assert all(torch.equal(a, b) for a, b in zip(run.model.state_dict().values(), other.model.state_dict().values(), strict=True))


def test_a_step_moves_weights_at_the_given_share_of_the_rates() -> None:
    """Every optimiser learns at its own full rate times the factor, and the counts go up."""
    run = pretrain.Run.begin(64, 1, 512, "cpu")
    before = run.model.lm_head.weight.detach().clone()
    run.learn(pretrain.Batch(torch.randint(0, 512, (2, 9)), torch.ones(2, 9)), 0.5)

    assert [group["lr"] for stepper in run.steppers for group in stepper.param_groups] == [0.01, 0.0015]
    assert (run.step, run.tokens) == (1, 18)
    assert run.loss > 0
    assert not torch.equal(before, run.model.lm_head.weight)


def test_the_loop_ends_in_time_and_leaves_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Training stops when its minutes are up; every so many steps it reports and saves."""
    monkeypatch.setattr(pretrain, "REPORT_EVERY", 2)
    monkeypatch.setattr(pretrain, "SAVE_EVERY", 2)
    batch = pretrain.Batch(torch.randint(0, 512, (2, 9)), torch.ones(2, 9))
    run = pretrain.Run.begin(64, 1, 512, "cpu")
    pretrain.fit(run, itertools.repeat(batch), batch, pretrain.Options(tmp_path, minutes=0.01))

    assert 0.6 <= run.seconds < 20
    assert "step 2 " in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} >= {"checkpoint.pt", "model.safetensors", "config.json"}


def test_the_learning_rate_warms_up_and_ends_at_nothing() -> None:
    """Warm-up, plateau, linear decay."""
    assert [pretrain.rate(x) for x in (0.0, 0.01, 0.02, 0.4, 0.75, 1.0)] == [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]


def test_what_is_watched_is_never_trained_on() -> None:
    """Phrasings are split by id, all turns of a line on one side, about one in forty to watch; a limit leaves those alone."""
    corpus = pretrain.Corpus.of(phrasings())
    trial = pretrain.Corpus.of(phrasings(), limit=50, seed=3)

    assert not {p.id for p in corpus.used} & {p.id for p in corpus.watched}
    assert len(corpus.used) + len(corpus.watched) == len(phrasings())
    assert 0.015 < len(corpus.watched) / len(phrasings()) < 0.035
    assert len(trial.used) == 50
    assert trial.watched == corpus.watched


def test_the_command_line_has_the_documented_defaults(tmp_path: Path) -> None:
    """Options that are not given are those of `Options`."""
    assert pretrain.arguments(["--out", str(tmp_path)]) == pretrain.Options(tmp_path)
    assert pretrain.arguments(["--out", str(tmp_path), "--limit", "20", "--resume"]).limit == 20


def test_a_trial_from_phrasings_to_a_folder(tmp_path: Path) -> None:
    """`--limit` runs every step of the training in seconds and leaves a folder that is served."""
    pretrain.train(pretrain.Options(tmp_path, minutes=0.01, width=64, layers=1, batch=4, limit=20))
    served = EmbeddedModel(tmp_path)

    assert json.loads((tmp_path / "training.json").read_text())["phrasings"] == 20
    assert served.say([Utterance.of("user", "hello")], served.grammar(catalogue())).kind
