"""Words that must stand in the conversation before an enum value may be said: nobody gets an LSTM who did not ask for one."""

import re
from collections.abc import Iterable, Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "model": {
        "auto": r"\bauto|automatic|best|自动|最好|最优",
        "arima": r"arima",
        "lstm": r"lstm|\brnn\b|recurrent|neural|神经网络|深度学习",
        "vae_lstm": r"\bvae|variational|auto-?encoder|变分|自编码",
        "linear": r"linear|regress|线性|回归|straight line",
        "gradient_boosting": r"boost|\bgbm\b|lightgbm|xgb|提升|gradient",
        "ets": r"\bets\b|smoothing|holt|winters|平滑",
        "croston": r"croston|intermittent|间断|间歇",
        "seasonal_naive": r"na[iï]ve|same as last|last year|last week|朴素|去年|上周|同期",
    },
    "method": {
        "abc_xyz": r"abc|xyz",
        "kmeans": r"k.?means|k均值|k-均值",
        "hierarchical": r"hierarch|dendro|层次|分层|agglom",
    },
}
"""Argument -> value -> pattern of the words that ask for it; values of other arguments have too many names."""
_PATTERNS = {
    name: {value: re.compile(pattern, re.IGNORECASE) for value, pattern in values.items()} for name, values in _WORDS.items()
}


def evidenced(argument: str, choices: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """The enum values that the conversation's words allow.

    >>> evidenced("model", ("ets", "lstm"), ["now with exponential smoothing"])
    ('ets',)
    """
    patterns = _PATTERNS.get(argument)
    if patterns is None:
        return tuple(choices)
    said = "\n".join(texts)
    return tuple(choice for choice in choices if choice not in patterns or patterns[choice].search(said))
