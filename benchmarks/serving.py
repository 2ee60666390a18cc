"""How a chat model of 8 B parameters serves many chats at once: time to the first token and tokens a second.

    python benchmarks/serving.py                    # on a GPU: random weights in the shape of Qwen3-8B, 16 GB
    python benchmarks/serving.py --tiny             # on any CPU: a tiny model, to see that it runs
    python benchmarks/serving.py --model FOLDER     # a model of your own

Every chat is the first call of a turn: the service's instructions and all tools as the prompt, another question each. `service`
is the chat model behind `--model FOLDER`, streaming, one thread a chat. `generate` is transformers' own loop over the same
prompts as one padded batch, which starts and ends all chats together and streams nothing. It computes each prompt anew, while the
service, warm, finds the instructions and tools computed already. The door in front of it shows no text before all is checked, so
the first token is that of the model, not of the page. Random weights say nothing of worth, but cost the same.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

QWEN3_8B = {
    "vocab_size": 151_936,
    "hidden_size": 4096,
    "intermediate_size": 12_288,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 40_960,
}
TINY = {
    "vocab_size": 9000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 32,
    "max_position_embeddings": 40_960,
}
LEARNT = 8192
"""Tokens of the tokenizer that is made here; a big model's vocabulary is filled up, so that any token is some text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way of serving so many chats."""

    way: str
    chats: int
    first_token_p50: float
    """Seconds; of `generate`, which streams nothing, the whole time."""
    first_token_p95: float
    seconds: float
    tokens: int
    tokens_per_second: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a model folder; by default random weights")
    parser.add_argument("--tiny", action="store_true", help="a tiny model, few chats and few tokens")
    parser.add_argument("--chats", type=int, nargs="+", help="concurrent chats (1 8 32 64; tiny: 1 4)")
    parser.add_argument("--tokens", type=int, help="tokens of a reply (128; tiny: 8)")
    parser.add_argument("--report", type=Path, help="write the rows here, as JSON")
    options = parser.parse_args()
    counts, tokens = options.chats or ([1, 4] if options.tiny else [1, 8, 32, 64]), options.tokens or (8 if options.tiny else 128)
    model = opened(options.model, tiny=options.tiny, tokens=tokens)
    prompt, _ = model._begin(_asked(0), _tools())
    size = sum(weights.numel() for weights in model.network.parameters())
    print(
        f"{size / 1e9:.4f} B parameters, {model.network.dtype}, {model.network.device}; "
        f"{prompt['input_ids'].shape[1]} tokens a prompt, {tokens} a reply"
    )
    print("| way | chats | first token p50 s | p95 s | all s | tokens | tokens/s |\n|---|---|---|---|---|---|---|")
    rows = []
    for way in (generate, service):
        way(model, max(counts), tokens)  # the first time is slower: kernels are chosen and memory is taken
        for count in counts:
            row = way(model, count, tokens)
            rows.append(row)
            seconds = f"{row.first_token_p50:.3f} | {row.first_token_p95:.3f} | {row.seconds:.2f}"
            print(f"| {row.way} | {row.chats} | {seconds} | {row.tokens} | {row.tokens_per_second:.0f} |", flush=True)
    if options.report:
        options.report.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


def opened(folder: Path | None, *, tiny: bool, tokens: int) -> Any:
    """The chat model as the service opens it, except that it writes `tokens` tokens each time: nothing ends a reply early."""
    from agent.models.local import LocalChatModel, load_model

    class Endless(LocalChatModel):
        def _end_ids(self) -> list[int]:
            return []

    if folder is not None:
        loaded = load_model(str(folder))
        tokenizer, network = loaded.tokenizer, loaded.network.eval()
    else:
        tokenizer, network = random_model(TINY if tiny else QWEN3_8B)
    network.generation_config.eos_token_id = None
    name = str(folder or "random")
    return Endless(
        name_or_path=name, tokenizer=tokenizer, network=network, batched=True, max_new_tokens=tokens, max_seconds=3600.0
    )


def random_model(shape: dict[str, int]) -> tuple[Any, Any]:
    """A tokenizer, and a Qwen3 of a shape with random weights: bfloat16 on a GPU, float32 on a CPU."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    on_gpu = torch.cuda.is_available()
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16 if on_gpu else torch.float32)
    with torch.device("cuda" if on_gpu else "cpu"):
        network = Qwen3ForCausalLM(Qwen3Config(**shape, eos_token_id=None, bos_token_id=None)).eval()
    torch.set_default_dtype(torch.float32)
    return _tokenizer(shape["vocab_size"]), network


def service(model: Any, count: int, tokens: int) -> Row:
    """So many chats at once, each streamed to a thread of its own."""
    began = time.perf_counter()

    def chat(number: int) -> float:
        first = 0.0
        for chunk in model.bind_tools(_tools()).stream(_asked(number)):
            if not first and str(chunk.text):
                first = time.perf_counter() - began
        return first or time.perf_counter() - began

    with ThreadPoolExecutor(count) as pool:
        firsts = list(pool.map(chat, range(count)))
    return _row("service", firsts, time.perf_counter() - began, tokens)


def generate(model: Any, count: int, tokens: int) -> Row:
    """The same prompts as one padded batch."""
    import torch

    prompts = [model._begin(_asked(number), _tools())[0]["input_ids"][0] for number in range(count)]
    longest = max(len(prompt) for prompt in prompts)
    ids, seen = torch.zeros(count, longest, dtype=torch.long), torch.zeros(count, longest, dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = prompt
        seen[row, longest - len(prompt) :] = 1
    device = model.network.device
    began = time.perf_counter()
    with torch.inference_mode():
        model.network.generate(
            ids.to(device),
            attention_mask=seen.to(device),
            do_sample=False,
            max_new_tokens=tokens,
            min_new_tokens=tokens,
            pad_token_id=0,
        )
    if device.type == "cuda":
        torch.cuda.synchronize()
    seconds = time.perf_counter() - began
    del ids, seen
    if device.type == "cuda":
        torch.cuda.empty_cache()  # the service takes what is free
    return _row("generate", [seconds] * count, seconds, tokens)


def _row(way: str, firsts: Sequence[float], seconds: float, tokens: int) -> Row:
    ordered = sorted(firsts)
    late = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    written = tokens * len(firsts)
    return Row(way, len(firsts), statistics.median(ordered), late, seconds, written, written / seconds)


def _tools() -> list[dict[str, Any]]:
    from agent import replies
    from tools.catalogue import catalogue

    return [dict(spec) for spec in (*catalogue(), *replies.PSEUDO_TOOLS)]


def _asked(number: int) -> list[Any]:
    """The first call of a turn: the service's instructions and a planner's question."""
    from langchain_core.messages import HumanMessage, SystemMessage

    import prompts

    rules = prompts.load("explain.en")
    system = prompts.load("system.en", as_of="2026-11-22", currency="GBP", explain=rules)
    return [
        SystemMessage(system),
        HumanMessage(f"How many of item {7919 * (number + 1)} should we order for the next {number + 2} weeks?"),
    ]


def _tokenizer(size: int) -> Any:
    """A byte-level tokenizer fitted on what is asked, filled up to `size` tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    from finetune.phrasing import phrasings

    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=LEARNT, initial_alphabet=alphabet, show_progress=False)
    texts = [
        json.dumps(_tools()),
        *(str(message.content) for message in _asked(0)),
        *(p.last["text"] for p in phrasings()[:3000]),
    ]
    learner.train_from_iterator(texts, trainer)
    with tempfile.TemporaryDirectory() as folder:
        learner.model.save(folder)
        merges = (Path(folder) / "merges.txt").read_text(encoding="utf-8").splitlines()
    vocabulary = learner.get_vocab()
    vocabulary |= {f"Ġw{number}": number for number in range(len(vocabulary), size)}
    made = Tokenizer(
        models.BPE(vocab=vocabulary, merges=[_pair(line) for line in merges if line and not line.startswith("#version")])
    )
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made)


def _pair(line: str) -> tuple[str, str]:
    left, right = line.split(" ")
    return left, right


if __name__ == "__main__":
    main()
