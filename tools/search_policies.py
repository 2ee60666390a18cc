"""The tool `search_policies`: what the company's rules say."""

from typing import ClassVar

from parstock.domain import Json, Language
from parstock.results import ToolResult
from retrieval.base import Passage
from tools import _passages
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook

MOST_PASSAGES = 4


@tools.register("search_policies")
class SearchPolicies:
    """Finds passages of the policy documents."""

    name: ClassVar[str] = "search_policies"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """What to look for."""

        query: str

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Search the policies as they stand now."""
        hits = context.index().search(args.query, kind="policy", limit=MOST_PASSAGES)
        found = tuple(hit.passage for hit in hits)
        book = FactBook(context)
        if not found:
            book.add(
                "policies.found",
                0,
                "passages",
                "No policy document is recorded." if not context.records.policies() else "No policy says anything on that.",
                "没有录入任何制度文件。" if not context.records.policies() else "没有制度谈到这一点。",
                source="policies",
                required=True,
            )
        _passages.tell(book, found, _title)
        rows: list[Json] = [{"id": p.id, "document": p.document, "title": p.title, "text": p.text} for p in found]
        return ToolResult(self.name, {"passages": rows}, book.facts(), citations=tuple(_passages.cite(p) for p in found))


def _title(passage: Passage, lang: Language) -> str:
    """The document and the innermost section; of a title in two languages the one asked for."""
    document, *sections = passage.title.split(" › ")
    halves = document.split(" · ")
    if len(halves) == 2:
        document = max(halves, key=lambda half: (any("\u4e00" <= c <= "\u9fff" for c in half)) == (lang == "zh"))
    return " › ".join((document, *sections[-1:]))
