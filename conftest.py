"""What no test may do, whichever it is: use a network, another machine's settings, all cores, or chance without a seed."""

import ipaddress
import os
import random
import socket
import sys
from typing import Any

KEPT = ("PARSTOCK_SHARED", "PARSTOCK_TEST_POSTGRES")
"""Settings of the tests themselves."""
for name in [name for name in os.environ if name.startswith("PARSTOCK_") and name not in KEPT]:
    del os.environ[name]
os.environ |= {
    "OMP_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "ANONYMIZED_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
}

import numpy as np  # noqa: E402 - after the number of threads is set
import pytest  # noqa: E402

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _is_this_machine(host: object) -> bool:
    """Whether a host is a loopback or wildcard address, or a name of this machine."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in (None, "", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(str(text))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_elsewhere(sock: socket.socket, address: Any) -> None:
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_this_machine(address[0]):
        raise RuntimeError(f"a test tried to reach {address!r}; tests use no network but this machine's own")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _refuse_elsewhere(self, address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _refuse_elsewhere(self, address)
    return _connect_ex(self, address)


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    if not _is_this_machine(host):
        raise socket.gaierror(socket.EAI_NONAME, f"a test tried to look up {host!r}; tests use no network")
    return _getaddrinfo(host, *args, **kwargs)


def pytest_configure() -> None:
    """Shut the network before the first test is even collected."""
    socket.socket.connect = _guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = _guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = _guarded_getaddrinfo


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Begin every test with the same chance."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for libraries that draw from the old generator
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)
