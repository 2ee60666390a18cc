"""What unit tests share: a home for the command line, and tiny open-weight models with random weights and own tokenizers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CHATML = """\
{%- macro named(tool) -%}
{{ tool.function.name + '(' + tool.function.parameters.properties | join(', ') + ')\\n' }}
{%- endmacro -%}
{%- for message in messages -%}
{{- '<|im_start|>' + ('user' if message.role == 'tool' else message.role) + '\\n' -}}
{%- if message.role == 'assistant' and loop.last -%}{{- '<think>\\n\\n</think>\\n\\n' -}}{%- endif -%}
{{- message.content -}}
{%- if loop.first and tools -%}
{{- '\\n# Tools\\n' -}}
{%- for tool in tools -%}{{- named(tool) -}}{%- endfor -%}
{%- endif -%}
{%- for call in message.tool_calls or [] -%}
{%- if not loop.first or message.content -%}{{- '\\n' -}}{%- endif -%}
{%- set said = call.function -%}
{{- '<tool_call>\\n{"name": "' + said.name + '", "arguments": ' + said.arguments | tojson + '}\\n</tool_call>' -}}
{%- endfor -%}
{{- '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' -}}{%- endif -%}
"""
"""In the manner of Qwen3: tools beside the instructions, an empty thought before the reply."""
LLAMA = """\
{{- bos_token -}}
{%- for message in messages -%}
{{- '<|start_header_id|>' + ('ipython' if message.role == 'tool' else message.role) + '<|end_header_id|>\\n\\n' -}}
{{- message.content | trim -}}
{%- if loop.first and tools -%}
{%- for tool in tools -%}{{- '\\n' + tool | tojson -}}{%- endfor -%}
{%- endif -%}
{%- if message.tool_calls -%}
{%- if message.tool_calls | length != 1 -%}
{{- raise_exception('This model only supports single tool-calls at once!') -}}
{%- endif -%}
{%- set call = message.tool_calls[0].function -%}
{{- '<tool_call>\\n{"name": "' + call.name + '", "arguments": ' + call.arguments | tojson + '}\\n</tool_call>' -}}
{%- endif -%}
{{- '<|eot_id|>' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}{%- endif -%}
"""
"""In the manner of Llama 3: headers, a first token, and one call at a time."""
_SPECIALS = {
    "qwen3": ["<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<think>", "</think>"],
    "llama": ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<tool_call>", "</tool_call>"],
}
_ENDS = {"qwen3": "<|im_end|>", "llama": "<|eot_id|>"}


def _tokenizer(kind: str, texts: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=_SPECIALS[kind], initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(texts, trainer)
    first = {"bos_token": "<|begin_of_text|>"} if kind == "llama" else {}
    end = _ENDS[kind]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token=end, pad_token=end, **first)
    tokenizer.chat_template = CHATML if kind == "qwen3" else LLAMA
    return tokenizer


@pytest.fixture(scope="session")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder of a saved model of a kind ("qwen3" or "llama"), 500 tokens, random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM
    from transformers.utils import logging

    from tools.event_catalogue import event_catalogue

    logging.disable_progress_bar()
    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            tokenizer = _tokenizer(kind, [json.dumps(event_catalogue()), "You read one inventory note of a planner 供应商 放假"])
            shape = {
                "vocab_size": len(tokenizer),
                "hidden_size": 64,
                "intermediate_size": 128,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "num_key_value_heads": 2,
                "head_dim": 16,
                "max_position_embeddings": 8192,
                "bos_token_id": tokenizer.bos_token_id,
                "eos_token_id": tokenizer.eos_token_id,
                "initializer_range": 0.2,  # smaller random weights leave the reply to the frozen head
            }
            torch.manual_seed(5)
            qwen = kind == "qwen3"
            network = Qwen3ForCausalLM(Qwen3Config(**shape)) if qwen else LlamaForCausalLM(LlamaConfig(**shape))
            made[kind] = tmp_path_factory.mktemp(f"tiny-{kind}")
            network.save_pretrained(made[kind])
            tokenizer.save_pretrained(made[kind])
        return made[kind]

    return folder


@pytest.fixture
def home(tiny_home: Path, tmp_path: Path) -> Path:
    """A copy of the tiny shop."""
    return Path(shutil.copytree(tiny_home, tmp_path / "home"))
