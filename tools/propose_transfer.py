"""The tool `propose_transfer`: a transfer as a draft that waits for a person, with what speaks against it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from inventory import proposals
from parstock.domain import Clause, ClauseKind, Item, Json, Warehouse
from parstock.errors import InputError
from parstock.results import ToolResult
from parstock.wording import days, money, named, number, units
from planning.lanes import Lanes
from tools._network import amount, called, lane_defaults, on_day, tell_lane
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.plans import place_of, plan_terms
from tools.recent import recent_demand
from tools.recommend_transfers import different


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as it would be made."""

    item: Item
    source: Warehouse
    target: Warehouse
    quantity: int
    free: int
    """Units free at the source before."""
    lanes: Lanes
    """Terms of the item from the source to the target."""
    today: date
    daily: float | None
    """Units a day sold at the source of late."""
    supplied_in_days: int
    """Days until the source is supplied next: by an open order, or by one placed today."""

    @property
    def left(self) -> int:
        """Units free at the source afterwards."""
        return self.free - self.quantity

    @property
    def cost(self) -> float:
        """Money for transport."""
        return float(self.lanes.cost[0, 0, 1] + self.lanes.unit_cost[0, 0, 1] * self.quantity)

    @property
    def days(self) -> int:
        """Days on the way."""
        return int(self.lanes.days[0, 0, 1])

    @property
    def cover_days(self) -> float | None:
        """Days that what is left lasts at the rate of late; None where nothing sold."""
        return self.left / self.daily if self.daily else None

    def clause(self, kind: ClauseKind) -> Clause | None:
        """The rule of a kind that binds this transfer."""
        return self.lanes.clause(kind, 0, 0, 1)


@tools.register("propose_transfer")
class ProposeTransfer:
    """Drafts a transfer; nothing is moved until a person approves it."""

    name: ClassVar[str] = "propose_transfer"
    scope: ClassVar[Scope] = "propose"

    class Arguments(ToolArguments):
        """What to move, how much, from where, to where."""

        item: str
        quantity: Annotated[int, Field(ge=1)]
        from_warehouse: str
        to_warehouse: str

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Store the draft with its facts."""
        transfer = _transfer(args, context)
        item, currency = transfer.item, context.settings.currency
        book = FactBook(context)
        _tell_transfer(book, transfer, currency)
        warnings = _tell_warnings(book, transfer, currency)
        clauses = list(tell_lane(book, transfer.lanes, 0, 0, 1, context))
        clauses += [clause.id for kind in warnings if (clause := transfer.clause(kind)) is not None]  # type: ignore[arg-type]
        citations = context.citations(clauses)
        book.cited(citations)
        book.item(item)
        payload: dict[str, Json] = {
            "item": item.sku,
            "name": item.name,
            "from_warehouse": transfer.source.code,
            "to_warehouse": transfer.target.code,
            "quantity": transfer.quantity,
            "transport_cost": round(transfer.cost, 2),
            "currency": currency,
            "sent_on": transfer.today.isoformat(),
            "due_on": (transfer.today + timedelta(days=transfer.days)).isoformat(),
            "free_at_source": transfer.free,
            "left_at_source": transfer.left,
            "warnings": list(warnings),
            "clauses": list(dict.fromkeys(clauses)),
        }
        proposal = proposals.draft(
            context.store, "transfer", payload, book.facts(), actor=context.actor, idempotency_key=context.idempotency_key
        )
        book.add(
            "proposal.id",
            proposal.id,
            "name",
            f"Kept as {proposal.id}: nothing is moved until a person approves it.",
            f"已存为{proposal.id}，须经人工批准才会调拨。",
            source=proposal.id,
            required=True,
        )
        data: dict[str, Json] = {"proposal": proposal.id, "state": proposal.state, **payload}
        return ToolResult(self.name, data, book.facts(), citations=citations, proposals=(proposal,), defaults=book.defaults())


def _transfer(args: ProposeTransfer.Arguments, context: ToolContext) -> Transfer:
    """The transfer that is meant.

    Raises:
        InputError: A name is unknown, both warehouses are the same, or more is asked for than is free.
    """
    item = context.names.resolve_item(args.item)
    source = context.names.resolve_warehouse(args.from_warehouse, field="from_warehouse")
    target = context.names.resolve_warehouse(args.to_warehouse, field="to_warehouse")
    different(source.code, target.code, context)
    supplier = context.supplier_of(item)
    place = place_of(context, [item], source.code)
    position, free = place.stock[0], round(float(place.free[0]))
    if args.quantity > free:
        held = f" ({position.on_hand} on hand, {position.reserved} reserved)" if position.on_hand else ""
        there = f"only {units(free)} of {item.name} {'is' if free == 1 else 'are'}" if free else f"no {item.name} is"
        way_out = f"give at most {free}" if free else "give another warehouse or item"
        raise InputError(
            f"quantity is {args.quantity}, but {there} free in {source.name}{held}; {way_out}",
            field="quantity",
            reason="out_of_bounds" if free else "",
            bounds={"minimum": 1, "maximum": free} if free else None,
        )
    today = context.as_of()
    lanes = Lanes.of(
        context.clauses(), [item], [supplier], (source.code, target.code), plan_terms(context), lane_defaults(context)
    )
    return Transfer(
        item,
        source,
        target,
        args.quantity,
        free,
        lanes,
        today,
        recent_demand(context, item.sku, source.code),
        round(min([*place.day[place.units > 0].tolist(), float(place.lead_days[0])])),
    )


def _tell_transfer(book: FactBook, transfer: Transfer, currency: str) -> None:
    """Say what is moved, when it arrives, what it costs, and what is left."""
    item, source, target = transfer.item, called(transfer.source), called(transfer.target)
    count = transfer.quantity
    book.add(
        "transfer.quantity",
        count,
        "units",
        f"Draft: move {units(count)} of {item.name} from {source[0]} to {target[0]}.",
        f"草稿：将{number(count)}件{named(item, 'zh')}从{source[1]}调到{target[1]}。",
        source="question",
        required=True,
    )
    due = transfer.today + timedelta(days=transfer.days)
    when_en, when_zh = on_day(due)
    cost = amount(transfer.cost, currency)
    book.tell(
        f"Sent today it arrives about {when_en}, after {days(transfer.days)}; transport costs {cost}.",
        f"今天发出，约{number(transfer.days)}天后（{when_zh}）到货；运输费{cost}。",
        Figure("transfer.arrives", due, "date"),
        Figure("transfer.days", transfer.days, "days"),
        Figure("transfer.transport_cost", round(transfer.cost, 2), currency),
        source=f"transfers/{item.sku}",
    )
    figures = [
        Figure("source.left", transfer.left, "units", f"stock/{item.sku}/{transfer.source.code}"),
        Figure("source.free", transfer.free, "units", f"stock/{item.sku}/{transfer.source.code}"),
    ]
    left = number(transfer.left) if transfer.left else "nothing"
    en = f"Of the {units(transfer.free)} free in {source[0]}, {left} {'stays' if transfer.left <= 1 else 'stay'}"
    zh = f"{source[1]}可用的{number(transfer.free)}件中还剩{number(transfer.left)}件"
    if transfer.cover_days is not None and transfer.left:
        lasts = round(transfer.cover_days)
        figures.append(Figure("source.covers", lasts, "days"))
        en, zh = f"{en}, which lasts about {days(lasts)} at the recent rate", f"{zh}，按近期销量可卖约{number(lasts)}天"
    book.tell(f"{en}.", f"{zh}。", *figures, source=f"stock/{item.sku}")


def _tell_warnings(book: FactBook, transfer: Transfer, currency: str) -> list[str]:
    """Say what speaks against the transfer; return what it is called."""
    source, item = called(transfer.source), transfer.item
    warned: list[str] = []

    def warn(kind: str, value: float | str, unit: str, en: str, zh: str, *, short: bool = False) -> None:
        warned.append(kind)
        clause = transfer.clause(kind) if kind.startswith("transfer_") else None  # type: ignore[arg-type]
        cited = f" [{clause.id}]" if clause else ""
        origin = clause.id if clause else f"items/{item.sku}"
        book.add(
            f"warning.{kind}",
            value,
            unit,
            f"{en}{cited}.",
            f"{zh}{cited}。",
            source=origin,
            required=True,
            direction="short" if short else "",
        )

    cover = transfer.cover_days
    held, least = transfer.clause("transfer_hold"), float(transfer.lanes.least_value[0, 0, 1])
    if held is not None:
        warn("transfer_hold", held.id, "name", "Transfers of it on this way are not allowed", "该路线不允许调拨此商品")
    if transfer.quantity % item.pack_size:
        en = f"It is not in whole packs of {units(item.pack_size)}"
        warn("pack_size", item.pack_size, "units", en, f"不是整箱数量，每箱{number(item.pack_size)}件")
    if transfer.quantity * item.unit_cost < least:
        shown = money(least, currency)
        warn("transfer_min_value", least, currency, f"The line is worth less than {shown}", f"该行货值低于{shown}")
    keep = float(transfer.lanes.keep_days[0, 0, 1])
    if cover is not None and cover < keep:
        en = f"{source[0]} should keep at least {days(keep)} of its own sales"
        warn("transfer_keep_days", keep, "days", en, f"{source[1]}应至少留足{number(keep)}天的销量")
    soon = transfer.supplied_in_days
    if cover is not None and cover < soon:
        en = f"That leaves {source[0]} short: its next supply is {days(soon)} away"
        warn("source_short", soon, "days", en, f"{source[1]}库存将不足：下次到货还要{number(soon)}天", short=True)
    return warned
