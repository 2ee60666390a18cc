"""Words that must stand in the conversation before a forecaster may be named: nobody gets an LSTM who did not ask for one."""

import re
from collections.abc import Iterable, Mapping

_WORDS: Mapping[str, str] = {
    "auto": r"auto|best|choos|pick|select|leav|自动|自己|最好|最优|最准|挑",
    "arima": r"arima",
    "lstm": r"lstm|rnn|recurrent|neural|神经网络|深度学习",
    "vae_lstm": r"vae|variational|auto-?encoder|变分|自编码",
    "linear": r"linear|regress|线性|回归|straight line",
    "gradient_boosting": r"boost|gbm|xgb|gradient|提升",
    "ets": r"(?<![a-z])ets(?![a-z])|smooth|holt|winters|平滑",
    "croston": r"croston|intermittent|lump|间断|间歇",
    "seasonal_naive": r"na[iï]v|season|last (?:year|week)|year ago|朴素|去年|上周|同期|季节",
}
"""Forecaster -> pattern of the words that ask for it."""
_PATTERNS = {value: re.compile(pattern, re.IGNORECASE) for value, pattern in _WORDS.items()}


def evidenced(argument: str, choices: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """The enum values of `argument` that the conversation's words allow; values of other arguments have too many names.

    >>> evidenced("model", ("ets", "lstm"), ["改用ETS方法"])
    ('ets',)
    """
    if argument != "model":
        return tuple(choices)
    said = "\n".join(texts)
    return tuple(choice for choice in choices if choice not in _PATTERNS or _PATTERNS[choice].search(said))
