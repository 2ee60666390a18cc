"""Reading the stages and links of a guaranteed-service instance."""

from collections.abc import Mapping

from evaluation.optimum import Params
from evaluation.optimum.given import given, number
from parstock.domain import Json
from parstock.errors import InputError
from planning.solvers.guaranteed_service import Stage


def stages_of(params: Params) -> dict[str, Stage]:
    """Return the stages by name, from `nodes`: h, T, z, and where there is one si, smax, sigma.

    Raises:
        InputError: A value is missing, no number, or a service time is not whole.
    """
    nodes = given(params, "nodes")
    if not isinstance(nodes, dict):
        raise InputError(f"nodes is {nodes!r}; it must be an object, each node by its name", field="nodes")
    return {name: _stage(name, node) for name, node in nodes.items()}


def links_of(params: Params) -> list[tuple[str, str]]:
    """Return the links from `edges`: supplier, customer.

    Raises:
        InputError: One is no pair of names.
    """
    edges = given(params, "edges")
    if not isinstance(edges, list) or any(not isinstance(edge, list) or len(edge) != 2 for edge in edges):
        raise InputError(f"edges is {edges!r}; it must be a list of pairs, supplier and customer", field="edges")
    return [(str(edge[0]), str(edge[1])) for edge in edges if isinstance(edge, list)]


def _stage(name: str, node: Json) -> Stage:
    if not isinstance(node, dict):
        raise InputError(f"nodes.{name} is {node!r}; it must be an object with h, T and z", field="nodes")
    longest = None if node.get("smax") is None else _whole(node, name, "smax")
    return Stage(
        holding_cost=number(node, "h"),
        processing_time=number(node, "T"),
        safety_factor=number(node, "z"),
        demand_sd=number(node, "sigma", 0.0),
        inbound_service=_whole(node, name, "si"),
        longest_service=longest,
    )


def _whole(node: Mapping[str, Json], name: str, key: str) -> int:
    value = number(node, key, 0.0)
    if not value.is_integer():
        raise InputError(f"{key} of nodes.{name} is {value!r}; service times are whole periods", field=key)
    return int(value)
