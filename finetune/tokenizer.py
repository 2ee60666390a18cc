"""The embedded model's tokenizer: byte-level BPE, every Han character and every digit on its own, the catalogue's words whole."""

import itertools
from collections.abc import Sequence

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from agent.embedded.vocabulary import Catalogue
from finetune.corpus import Grammar
from finetune.phrasing import Phrasing

VOCABULARY = 6144
CONVERSATIONS = 40_000
"""What a tokenizer is fitted on."""


def train(phrasings: Sequence[Phrasing], catalogue: Catalogue, *, conversations: int = CONVERSATIONS, seed: int = 0) -> Tokenizer:
    """Fit the tokenizer on `conversations` filled phrasings.

    Han characters are isolated so that a Chinese name can be cut out of a sentence at any character.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[\u3400-\u9fff]"), "isolated"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(token, special=True, normalized=False) for token in catalogue.special_tokens()]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=3,
        show_progress=False,
    )
    texts = (
        utterance.text
        for conversation in itertools.islice(Grammar(phrasings).stream(seed), conversations)
        for utterance in conversation.utterances
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
