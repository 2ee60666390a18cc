import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import uvicorn

import server
from forecasting.base import Progress
from parstock.errors import SetupError
from tools.context import ToolContext
from tools.forecasts import Forecasts
from web.background import Stopped
from web.shop import Shop


def test_a_port_in_use_is_one_clear_line(web_shop: Callable[..., Shop]) -> None:
    """Serving on a taken port raises SetupError that names host, port and the way out; nothing is opened."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"port {port}: Address already in use; choose another with --port") as caught:
            server.run(web_shop().settings, "127.0.0.1", port)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 8000), ("203.0.113.7", 8000), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_used_is_a_setup_error(host: str, port: int) -> None:
    """Unknown hosts, other machines' addresses and impossible ports are refused in one line."""
    with pytest.raises(SetupError, match=f"cannot serve on host '{host}', port {port}"):
        server.listen(host, port)


def test_run_refuses_a_model_that_cannot_be_opened(web_shop: Callable[..., Shop]) -> None:
    """A wrong model setting stops the server before it serves."""
    settings = web_shop().settings.model_copy(update={"model": "scripted:/no/such/file.json"})

    with pytest.raises(SetupError, match="cannot read the script"):
        server.run(settings, "127.0.0.1", 0)


def test_run_announces_its_url_and_serves(web_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` on port 0 tells the address that it took, answers there, and ends when told to."""
    servers: list[uvicorn.Server] = []
    real = uvicorn.Server.run

    def remembered(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        servers.append(self)
        real(self, sockets)

    monkeypatch.setattr(uvicorn.Server, "run", remembered)
    told: list[str] = []
    serving = threading.Thread(target=server.run, args=(web_shop().settings, "127.0.0.1", 0), kwargs={"announce": told.append})
    serving.start()
    while not servers or not servers[0].started:
        time.sleep(0.02)
    reply = httpx.get(f"{told[0]}/healthz")
    servers[0].should_exit = True
    serving.join(20)

    assert reply.json() == {"status": "alive"}
    assert not serving.is_alive()


def test_the_end_waits_for_no_work_in_the_background(web_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing takes less than two seconds whatever the background does; work that looks up stops, and is not told as failed."""
    forever, begun = threading.Event(), threading.Event()

    def endless(forecasts: Forecasts, warehouse: str, horizon_days: int, *, progress: Progress) -> None:
        begun.set()
        while True:
            time.sleep(0.01)
            progress(0.5, "testing models")

    monkeypatch.setattr(ToolContext, "index", lambda context: forever.wait(30))
    monkeypatch.setattr(Forecasts, "of_shop", endless)
    shop = web_shop()
    told: list[str] = []
    shop.watch(lambda name, _: told.append(name))
    assert begun.wait(30)
    started = time.monotonic()
    shop.close()
    took = time.monotonic() - started
    stopped = shop._parts["forecasts"].exception(5)
    forever.set()

    assert took < 2
    assert isinstance(stopped, Stopped)
    assert "forecasts" not in told


def test_ctrl_c_ends_a_server_that_is_still_getting_ready(tiny_home: Path, tmp_path: Path) -> None:
    """`parstock serve`, told to stop while it loads, ends with code 0 and without a traceback."""
    home = shutil.copytree(tiny_home, tmp_path / "home")
    command = [sys.executable, "-m", "cli", "serve", "--port", "0", "--model", "scripted", "--json", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        url = json.loads(serving.stdout.readline())["url"]
        assert httpx.get(f"{url}/healthz", timeout=10).status_code == 200
        serving.send_signal(signal.SIGINT)
        _, said = serving.communicate(timeout=20)

    assert serving.returncode == 0
    assert "getting ready: model, index, forecasts" in said
    assert "Traceback" not in said


def test_addresses_are_shown_as_a_browser_takes_them() -> None:
    """An address for all interfaces is shown as this machine's own."""
    with server.listen("0.0.0.0", 0) as listening:
        assert server.address(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"
