"""What was found and done in an item's history, as numbers and, on demand, as sentences. Finds nothing itself."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecasting.shifts import Shifts
from parstock.domain import Bools, Floats, Json, Language
from parstock.wording import day as day_words
from parstock.wording import days as days_words
from parstock.wording import number, whole_percent

RemarkKind: TypeAlias = Literal["launched", "out_of_stock", "stock_doubted", "shop_shut", "gap", "capped", "level_shift", "ended"]
Days: TypeAlias = NDArray[np.int64]
YOUNG_DAYS = 364
"""An item that has been on sale for longer is not said to be new ..."""
FIRST_DAYS = 28
"""... and neither is one whose first sale came within this many days of the first record."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about an item's history that its forecast rests on. Which numbers it has depends on its kind."""

    kind: RemarkKind
    days: int = 0
    """How many days it is about."""
    day: date | None = None
    """Launch, first day of the new level, last sale, or last day that the shop was shut."""
    units: float = 0.0
    """The cap of a day, "capped" only."""
    change: float = 0.0
    """New level over the old one, minus 1, "level_shift" only."""
    chance: float = 0.0
    """Chance of so long a run without a sale, "ended" only."""

    @property
    def en(self) -> str:
        """The remark as an English sentence."""
        return self.sentence("en")

    @property
    def zh(self) -> str:
        """The remark as a Chinese sentence."""
        return self.sentence("zh")

    def sentence(self, lang: Language) -> str:
        """Return the remark as a sentence.

        >>> Remark("capped", days=3, units=240.0).en
        '3 days above 240 units counted as 240.'
        """
        shown = {
            "n": number(self.days),
            "days": days_words(self.days),
            "were": "was" if self.days == 1 else "were",
            "day": day_words(self.day, lang) if self.day else "",
            "cap": number(self.units, 1),
            "change": self._change(lang),
            "chance": ({"en": "below 0.1%", "zh": "不到0.1%"}[lang] if self.chance < 0.001 else whole_percent(self.chance)),
        }
        return _SENTENCES[self.kind][lang].format(**shown)

    def _change(self, lang: Language) -> str:
        """How the level changed: in percent, or in times where it doubled or more."""
        if self.change >= 1:
            times = number(1 + self.change, 1)
            return {"en": f"{times} times what it was", "zh": f"变为原来的{times}倍"}[lang]
        share = whole_percent(abs(self.change))
        return (
            f"{share} {'higher' if self.change > 0 else 'lower'}"
            if lang == "en"
            else f"{'上升' if self.change > 0 else '下降'}{share}"
        )

    def as_json(self) -> dict[str, Json]:
        """Its numbers, those that its kind has, for a machine."""
        found: dict[str, Json] = {"kind": self.kind}
        for part in fields(self)[1:]:
            value = getattr(self, part.name)
            if value:
                found[part.name] = value.isoformat() if isinstance(value, date) else value
        return found

    @classmethod
    def from_json(cls, found: dict[str, Json]) -> "Remark":
        """The remark that `as_json` wrote.

        Raises:
            ValueError, TypeError: Something else was written.
        """
        if found.get("kind") not in _SENTENCES:
            raise ValueError(f"unknown kind of remark {found.get('kind')!r}; known: {', '.join(_SENTENCES)}")
        day = found.get("day")
        remark = cls(**{**found, "day": None})  # type: ignore[arg-type]
        return replace(remark, day=None if day is None else date.fromisoformat(str(day)))


_SENTENCES: dict[RemarkKind, dict[Language, str]] = {
    "launched": {"en": "Sold since {day} only.", "zh": "自{day}起才开始销售。"},
    "out_of_stock": {"en": "{days} out of stock {were} left out.", "zh": "已剔除{n}个缺货日。"},
    "stock_doubted": {
        "en": "It sold on many of {days} recorded as out of stock, so these {were} counted like any other.",
        "zh": "有{n}天记录为缺货，却常有销量，因此这些天照常计入。",
    },
    "shop_shut": {
        "en": "{days} on which the whole shop sold nothing {were} left out, the last on {day}.",
        "zh": "全店停业的{n}天已剔除，最近一次是{day}。",
    },
    "gap": {
        "en": "{days} without a sale between two sales {were} left out: too many for chance.",
        "zh": "两次销售之间有{n}天没有销量，长得不像偶然，已剔除。",
    },
    "capped": {"en": "{days} above {cap} units counted as {cap}.", "zh": "有{n}天超过{cap}件，按{cap}件计。"},
    "level_shift": {"en": "The level changed about {day}: {change}.", "zh": "销售水平在{day}前后{change}。"},
    "ended": {
        "en": "Nothing sold on the last {days}, a chance of {chance} at its own rate: it may have ended, or been out of stock.",
        "zh": "最近{n}天没有销量，按其自身销售频率出现的概率为{chance}：可能已停售或缺货。",
    },
}


@dataclass(frozen=True, eq=False, slots=True)
class Findings:
    """What was found in the histories of N items: arrays, from which remarks are made only where somebody asks."""

    launch: Days
    """[N] column of the first day on sale; 0 where that is not known."""
    out_of_stock_days: Days
    """[N] days left out because nothing was in stock."""
    doubted_days: Days
    """[N] days recorded as out of stock that were counted all the same."""
    gap_days: Days
    """[N] days left out between two sales."""
    capped_days: Days
    """[N] days on which demand was capped."""
    cap: Floats
    """[N] the cap, units."""
    end_days: Days
    """[N] known days since the last sale, where they are too many for chance."""
    end_chance: Floats
    """[N] chance of so long a run."""
    shut: Bools
    """[T] days on which the whole shop was shut, open weekdays only."""

    def rows(self, index: NDArray[np.intp]) -> "Findings":
        """What was found in some of the items."""
        return Findings(**{part.name: getattr(self, part.name)[index] for part in fields(self)[:-1]}, shut=self.shut)

    def remarks(self, start: date, shifts: Shifts) -> tuple[tuple[Remark, ...], ...]:
        """[N] the remarks on each item.

        Args:
            start: Day of the first column.
            shifts: Changes of level of the N items.
        """
        return tuple(self._of_item(row, start, shifts) for row in range(len(self.launch)))

    def _of_item(self, row: int, start: date, shifts: Shifts) -> tuple[Remark, ...]:
        launch, total = int(self.launch[row]), self.shut.size
        shut = np.flatnonzero(self.shut[launch:]) + launch

        def on(column: int) -> date:
            return start + timedelta(days=column)

        found = (
            Remark("launched", days=total - launch, day=on(launch))
            if launch >= FIRST_DAYS and total - launch < YOUNG_DAYS
            else None,
            _counted("out_of_stock", self.out_of_stock_days[row]),
            _counted("stock_doubted", self.doubted_days[row]),
            Remark("shop_shut", days=shut.size, day=on(int(shut[-1]))) if shut.size else None,
            _counted("gap", self.gap_days[row]),
            _counted("capped", self.capped_days[row], units=float(self.cap[row])),
            Remark("level_shift", day=on(int(shifts.column[row])), change=float(shifts.ratio[row]) - 1)
            if shifts.column[row] >= 0
            else None,
            _counted("ended", self.end_days[row], chance=float(self.end_chance[row])),
        )
        return tuple(remark for remark in found if remark is not None)


def _counted(kind: RemarkKind, days: np.int64, *, units: float = 0.0, chance: float = 0.0) -> Remark | None:
    return Remark(kind, days=int(days), units=units, chance=chance) if days else None
