"""What a tool is: a name, typed arguments, a scope, and `run`. Knows nothing about chat models or HTTP."""

from typing import Annotated, ClassVar, Literal, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from parstock.domain import Json
from parstock.registry import Registry
from parstock.results import ToolResult
from tools.context import ToolContext

Scope: TypeAlias = Literal["read", "propose"]
"""What a key must allow: `read` looks and computes, `propose` writes a note or a draft that a person decides on."""

HorizonDays: TypeAlias = Annotated[int, Field(ge=1, le=365)]
"""Days ahead."""
LeadTimeDays: TypeAlias = Annotated[int, Field(ge=0, le=365)]
"""Days from order to receipt."""
ServiceLevel: TypeAlias = Annotated[float, Field(gt=0, lt=1)]
"""Probability of no stockout per cycle."""


class ToolArguments(BaseModel):
    """Base of every tool's arguments: unknown names are refused, infinities too, `None` means not given."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_strip_whitespace=True, frozen=True)


class Tool(Protocol):
    """One thing the agent can do. A file in `tools/` registers a class that satisfies this."""

    name: ClassVar[str]
    """Name in the public catalogue."""
    scope: ClassVar[Scope]
    Arguments: ClassVar[type[ToolArguments]]
    """Its JSON schema is the catalogue's, word for word (descriptions are kept in the catalogue alone)."""

    def run(self, args: ToolArguments, context: ToolContext) -> ToolResult:
        """Do the work; `args` is an instance of `Arguments`.

        Raises:
            InputError: A name or phrase in `args` is unknown or ambiguous.
            InsufficientData: The records do not hold enough to answer.
            ToolFailed: The work cannot be done and trying again will not help.
        """
        ...


tools: Registry[type[Tool]] = Registry("tool", "tools")
"""Every tool, by its name in the catalogue."""


class _CatalogueSchema(GenerateJsonSchema):
    """JSON schema in the catalogue's plain style: no titles, no defaults, no null branches."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def parameters(arguments: type[ToolArguments]) -> dict[str, Json]:
    """Return the JSON schema of a tool's arguments, without descriptions."""
    schema = arguments.model_json_schema(schema_generator=_CatalogueSchema)
    return {
        "type": "object",
        "properties": schema.get("properties", {}),
        "required": schema.get("required", []),
        "additionalProperties": schema["additionalProperties"],
    }
