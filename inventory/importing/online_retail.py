"""The preset "online-retail": invoice lines in the layout of UCI's Online Retail data, cleaned into daily demand.

Each row is decided by the first of these rules that meets it:

1. Exact duplicate of an earlier row in every column of the file: dropped, for every kind of file.
2. Cancellation (invoice C...): dropped. Where the same customer bought the same quantity of the same code at the same price
   earlier on the same day, that sale was a mistake and is dropped too; a later return keeps its sale, for it was demand.
3. Bad-debt adjustment (invoice A...): dropped.
4. Not a product: dropped. A product's code has at least four digits and does not begin with ADJUST, AMAZON, BANK, GIFT or TEST;
   so POST, DOT, M, C2, D, S, B, BANK CHARGES, gift_0001_20, TEST001 and their like are none.
5. Negative quantity outside a cancellation: a stock write-off, dropped.
6. Quantity or date missing, quantity zero or beyond 1e9: dropped.
7. Price missing, zero or negative: no sale but a gift or a stock correction, dropped.

Codes are taken in capitals without blanks. Of several descriptions of a code the most frequent one wins. Daily demand is the sum
of the units that are left, per item and day.
"""

from typing import Any

import numpy as np
import pandas as pd

from inventory.importing.dates import as_days
from inventory.importing.demand import LARGEST_QUANTITY
from inventory.importing.known import Cleaned, Known, match_codes
from inventory.importing.ledger import Ledger
from inventory.importing.sales import to_demand
from inventory.importing.values import as_numbers, as_text
from inventory.kinds import Field
from parstock.domain import Bools

NAME = "online-retail"
FIELDS = (
    Field("invoice", required=True, synonyms=("invoice_no", "invoice_number")),
    Field("item", required=True, synonyms=("stock_code", "stockcode")),
    Field("description", required=True),
    Field("units", "number", required=True, synonyms=("quantity",)),
    Field("date", "day", required=True, synonyms=("invoice_date",)),
    Field("price", "number", required=True, synonyms=("unit_price",)),
    Field("customer", synonyms=("customer_id",)),
    Field("country"),
    Field("category"),
    Field("warehouse"),
)
"""Fields of the layout; `category` and `warehouse` have no column in the original."""
_NOT_PRODUCTS = r"(?:ADJUST|AMAZON|BANK|GIFT|TEST)"
_CANCELLED_AT_ONCE = ["customer", "item", "size", "price", "date"]


def clean_online_retail(frame: pd.DataFrame, known: Known, ledger: Ledger) -> Cleaned:
    """Clean invoice lines (columns of `FIELDS`) by the rules of this module, the first having been applied before.

    Raises:
        InputError: A cell cannot be read.
    """
    lines = _typed(frame)
    _drop_by_invoice(lines, ledger)
    _drop_by_value(frame, lines, ledger)
    code, respelled = match_codes(lines["item"], known.items)
    written = frame["item"].astype(object)
    ledger.change((written != code).to_numpy() | respelled, "item code in lower case or with blanks around it", written)
    lines = lines.assign(item=code)
    _name(lines, ledger)
    kept = lines.loc[ledger.alive].drop(columns=["invoice", "customer", "size", "description"])
    return to_demand(kept, known, ledger)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    units = as_numbers(frame["units"], "units")
    blank = pd.Series(None, index=frame.index, dtype=object)
    columns: dict[str, object] = {
        "invoice": as_text(frame["invoice"]).str.upper().fillna(""),
        "item": as_text(frame["item"]).str.upper().fillna(""),
        "description": as_text(frame["description"]),
        "units": units,
        "size": np.abs(units),
        "date": as_days(frame["date"], "date"),
        "price": as_numbers(frame["price"], "price"),
        "customer": as_text(frame["customer"]) if "customer" in frame else blank,
        "warehouse": as_text(frame["warehouse"]) if "warehouse" in frame else blank,
    }
    if "category" in frame:
        columns["category"] = as_text(frame["category"])
    return pd.DataFrame(columns)


def _drop_by_invoice(lines: pd.DataFrame, ledger: Ledger) -> None:
    """Rules 2 and 3."""
    cancelled = lines["invoice"].str.startswith("C").to_numpy(dtype=bool)
    mistaken = _mistakes(lines, cancelled, ledger.alive)
    ledger.drop(cancelled, "cancellation (invoice C...)", lines["invoice"])
    ledger.drop(mistaken, "sale that its customer cancelled in full on the same day", lines["invoice"])
    ledger.drop(lines["invoice"].str.startswith("A").to_numpy(dtype=bool), "bad-debt adjustment (invoice A...)", lines["invoice"])


def _mistakes(lines: pd.DataFrame, cancelled: Bools, alive: Bools) -> Bools:
    """[n] True for the sales that a cancellation of the same day takes back, one sale for each cancellation."""
    mistaken = np.zeros(len(lines), dtype=np.bool_)
    candidate = alive & lines["customer"].notna().to_numpy() & (lines["size"] > 0).to_numpy()
    backs = lines.loc[candidate & cancelled & (lines["units"] < 0).to_numpy(), _CANCELLED_AT_ONCE]
    sales = lines.loc[candidate & ~cancelled & (lines["units"] > 0).to_numpy(), _CANCELLED_AT_ONCE]
    if len(backs) and len(sales):
        backs = backs.assign(turn=backs.groupby(_CANCELLED_AT_ONCE).cumcount(), back=backs.index)
        sales = sales.assign(turn=sales.groupby(_CANCELLED_AT_ONCE).cumcount(), sale=sales.index)
        pairs = sales.merge(backs, on=[*_CANCELLED_AT_ONCE, "turn"])
        mistaken[pairs.loc[pairs["sale"] < pairs["back"], "sale"].to_numpy()] = True
    return mistaken


def _drop_by_value(frame: pd.DataFrame, lines: pd.DataFrame, ledger: Ledger) -> None:
    """Rules 4 to 7."""
    codes = lines["item"]
    product = (codes.str.count(r"\d") >= 4) & ~codes.str.match(_NOT_PRODUCTS)
    ledger.drop(~product.to_numpy(dtype=bool), "not a product (fewer than four digits, or ADJUST*, TEST* ...)", frame["item"])
    units, price = lines["units"].to_numpy(), lines["price"].to_numpy()
    booked = lines["invoice"].str.match("[CA]").to_numpy(dtype=bool)
    ledger.drop((units < 0) & ~booked, "stock write-off (negative quantity outside a cancellation)", frame["units"])
    ledger.drop(np.isnan(units) | (units == 0), "quantity missing or zero")
    ledger.drop(units > LARGEST_QUANTITY, f"quantity beyond {LARGEST_QUANTITY:,.0f}", frame["units"])
    ledger.drop(lines["date"].isna().to_numpy(), "no date")
    nameless = lines["description"].isna().to_numpy()
    ledger.drop(nameless & ~(price > 0), "neither description nor price: a stock correction, not a sale")
    ledger.drop(np.isnan(price) | np.isinf(price), "price missing or infinite")
    ledger.drop(price == 0, "price zero: a gift or a stock correction, not a sale")
    ledger.drop(price < 0, "price negative", frame["price"])


def _name(lines: pd.DataFrame, ledger: Ledger) -> None:
    """Give every line its code's most frequent description as `name`; the code itself where there is none."""
    named = lines.loc[ledger.alive & lines["description"].notna().to_numpy(), ["item", "description"]]
    counts = named.value_counts().reset_index()
    best = counts.sort_values(["count", "description"], ascending=[False, True]).drop_duplicates("item")
    winner: pd.Series[Any] = best.set_index("item")["description"]
    lines["name"] = lines["item"].map(winner).fillna(lines["item"])
    nameless = lines["description"].isna().to_numpy()
    ledger.change(nameless, "no description: taken from other rows of the code")
    other = (lines["description"] != lines["name"]).to_numpy() & ~nameless
    several = counts.groupby("item").size()
    reason = f"description replaced by the most frequent one of its code ({int((several > 1).sum()):,} codes have several)"
    ledger.change(other, reason, lines["description"])
