"""From messages to the embedded model's prompt, remembering where each token came from.

A string argument is never generated: it is a run of prompt tokens, and the text it stands for is cut out of the
planner's own message by character offsets. A number is a placeholder whose value code has computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from agent.embedded.spots import KINDS, Kind, Spot, normalise, spot
from agent.embedded.vocabulary import BOT, GO, HINT, MARKS, NOTE, SLOTS, UNMARK, USER, slot_token
from parstock.errors import SetupError

JOINTS = "-_."
"""Signs that hold a word together when there is a letter or digit on both sides."""
ROLES = {"user": USER, "assistant": BOT, "note": NOTE}
"""Whose words a message is -> the token before it."""
MAX_USER_TOKENS, MAX_BOT_TOKENS, MAX_TURNS = 480, 72, 5
"""What the model sees of one message of each role, and of how many messages."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A name that the linker knows: `text[start:end]` of one message."""

    start: int
    end: int
    kind: str
    """"item", "warehouse", "supplier" or "category"."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message as the model sees it."""

    role: str
    """"user", "assistant", or "note" for what stands in the notebook."""
    text: str
    """Normalised text."""
    marks: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, role: str, text: str, marks: tuple[Mark, ...] = ()) -> "Utterance":
        """An utterance of raw text (offsets of `marks` refer to the normalised text)."""
        return cls(role, normalise(text), marks)


@dataclass(slots=True)
class Prompt:
    """Token ids with the source of each: which utterance, and which characters of it."""

    utterances: tuple[Utterance, ...]
    ids: list[int] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    """Index of the utterance, or -1 for structure that cannot be copied."""
    starts: list[int] = field(default_factory=list)
    """Offset of the first character in that utterance."""
    ends: list[int] = field(default_factory=list)
    """Offset after the last character."""
    slots: dict[str, Spot] = field(default_factory=dict)
    """Placeholder token -> the value it stands for."""

    def text(self, first: int, last: int) -> str:
        """What tokens `first..last` (both included) stand for in the planner's words."""
        utterance = self.utterances[self.owner[first]]
        return utterance.text[self.starts[first] : self.ends[last]].strip()

    def can_start(self, position: int) -> bool:
        """Whether a copied span may start here: at the beginning of a word, and not with blanks alone."""
        if self.owner[position] < 0:
            return False
        text, start = self.utterances[self.owner[position]].text, self.starts[position]
        if text[start : start + 1] == " ":
            start += 1
        if not text[start : self.ends[position]].strip():
            return False
        return start == 0 or not (_inside_word(text, start) or self._inside_mark(position, start))

    def can_end(self, position: int) -> bool:
        """Whether a copied span may end with this token: at the end of a word."""
        text, end = self.utterances[self.owner[position]].text, self.ends[position]
        return end >= len(text) or not (_inside_word(text, end) or self._inside_mark(position, end))

    def marked(self, position: int) -> str:
        """Kind of the known name that begins with this token, "" where none does."""
        if self.owner[position] < 0:
            return ""
        utterance, start = self.utterances[self.owner[position]], self.starts[position]
        return next((mark.kind for mark in utterance.marks if mark.start == start), "")

    def _inside_mark(self, position: int, at: int) -> bool:
        """Whether a cut here goes through a name that the linker knows: such a name is copied whole."""
        return any(mark.start < at < mark.end for mark in self.utterances[self.owner[position]].marks)


def _inside_word(text: str, at: int) -> bool:
    """Whether a cut before `text[at]` goes through a word, a code such as PET-CL-10, or a figure such as 2.5.

    >>> [_inside_word("PET-CL-10, a", at) for at in (1, 3, 4, 9)]
    [True, True, True, False]
    """
    before, after = text[at - 1], text[at]
    if before in JOINTS:
        return at > 1 and _joined(text[at - 2]) and _joined(after)
    if after in JOINTS:
        return at + 1 < len(text) and _joined(before) and _joined(text[at + 1])
    return _joined(before) and _joined(after)


def _joined(char: str) -> bool:
    """Whether a character belongs to a word that must not be cut (Han characters stand alone)."""
    return char.isalnum() and not "\u3400" <= char <= "\u9fff"


class Renderer:
    """Builds prompts with one tokenizer.

    Args:
        tokenizer: Made by `finetune.tokenizer`. It is told to read special tokens in a message as the plain text that they
            are there, so that nobody can type a token of the grammar.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.tokenizer.encode_special_tokens = True
        self._id = {token: number for token, number in tokenizer.get_vocab().items() if token.startswith("<|")}

    def id(self, token: str) -> int:
        """Number of a special token.

        Raises:
            SetupError: The tokenizer has no such token; it was made for another catalogue of tools.
        """
        try:
            return self._id[token]
        except KeyError as error:
            raise SetupError(
                f"the embedded model's tokenizer has no token {token!r}; expected a model folder that finetune.pretrain made"
                " for this catalogue of tools"
            ) from error

    def prompt(self, utterances: Sequence[Utterance], hints: Sequence[str] = ()) -> Prompt:
        """Render the last turns of a conversation; `hints` are the tokens of the router's likeliest labels, best first."""
        recent = tuple(utterances[-MAX_TURNS:])
        prompt = Prompt(recent)
        counts = dict.fromkeys(KINDS, 0)
        for index, utterance in enumerate(recent):
            self._structure(prompt, ROLES[utterance.role])
            self._utterance(prompt, index, utterance, counts)
        self._structure(prompt, HINT)
        for token in hints:
            self._structure(prompt, token)
        self._structure(prompt, GO)
        return prompt

    def _structure(self, prompt: Prompt, token: str) -> None:
        self._push(prompt, self.id(token), -1, 0, 0)

    @staticmethod
    def _push(prompt: Prompt, number: int, owner: int, start: int, end: int) -> None:
        prompt.ids.append(number)
        prompt.owner.append(owner)
        prompt.starts.append(start)
        prompt.ends.append(end)

    def _utterance(self, prompt: Prompt, index: int, utterance: Utterance, counts: dict[Kind, int]) -> None:
        """Push one message, cut where a value or a known name begins or ends; `counts` are the placeholders given so far."""
        limit = len(prompt.ids) + (MAX_BOT_TOKENS if utterance.role == "assistant" else MAX_USER_TOKENS)
        spots = {s.start: s for s in spot(utterance.text)}
        opens = {m.start: m for m in utterance.marks}
        closes = {m.end for m in utterance.marks}
        cuts = sorted({0, len(utterance.text), *opens, *closes, *spots, *(s.end for s in spots.values())})
        inside = 0
        for start, end in zip(cuts, [*cuts[1:], None], strict=True):
            if start in closes:
                self._structure(prompt, UNMARK)
            if start in opens:
                self._structure(prompt, MARKS[opens[start].kind])
            if end is None or len(prompt.ids) >= limit or start < inside:
                continue
            found = spots.get(start)
            if found is not None and counts[found.kind] < SLOTS[found.kind]:
                token = slot_token(found.kind, counts[found.kind])
                counts[found.kind] += 1
                prompt.slots[token] = found
                self._push(prompt, self.id(token), index, found.start, found.end)
                inside = found.end
            else:
                self._piece(prompt, index, utterance.text, start, end, limit)

    def _piece(self, prompt: Prompt, index: int, text: str, start: int, end: int, limit: int) -> None:
        encoding = self.tokenizer.encode(text[start:end], add_special_tokens=False)
        for number, (first, last) in list(zip(encoding.ids, encoding.offsets, strict=True))[: limit - len(prompt.ids)]:
            self._push(prompt, number, index, start + first, start + last)
