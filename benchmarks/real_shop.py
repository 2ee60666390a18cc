"""A real shop, cold: import its sales, plan every item, each in a process of its own; seconds and peak memory.

    python benchmarks/real_shop.py online_retail_II.parquet

The file has the layout of UCI Online Retail II (one year, 525,461 invoice lines, gives about 4,000 items).
"""

import argparse
import json
import multiprocessing
import multiprocessing.connection
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """What one command took."""

    command: str
    wall_s: float
    cpu_s: float
    peak_mib: float


def run(*arguments: str) -> Run:
    """Run `parstock ...` and account for it alone: a child that has no other children."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(target=_account, args=(arguments, sender))
    child.start()
    wall, cpu, peak, code = receiver.recv()
    child.join()
    if code:
        sys.exit(f"parstock {' '.join(arguments)} ended with status {code}")
    return Run(f"parstock {' '.join(a if len(a) < 40 else '...' for a in arguments)}", wall, cpu, peak / 1024)


def _account(arguments: tuple[str, ...], sender: "multiprocessing.connection.Connection") -> None:
    import resource

    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "cli", *arguments], stdout=subprocess.DEVNULL, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sender.send((time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss, done.returncode))


def main() -> None:
    """Import, make the shop, plan; print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sales", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sales = str(options.sales.resolve())
    with tempfile.TemporaryDirectory() as folder:
        plain, shop, plan = f"{folder}/plain", f"{folder}/shop", f"{folder}/plan.json"
        runs = [
            run("import", "sales", sales, "--preset", "online-retail", "--home", plain),
            run("demo", "--sales", sales, "--no-serve", "--home", shop),
            run("plan", "--home", shop, "--out", plan),
        ]
        lines = json.loads(Path(plan).read_text(encoding="utf-8"))
    print("| command | wall s | CPU s | peak MiB |\n|---|---|---|---|")
    for one in runs:
        print(f"| `{one.command}` | {one.wall_s:.1f} | {one.cpu_s:.1f} | {one.peak_mib:.0f} |")
    print(f"\n{len(lines) if isinstance(lines, list) else len(lines['lines'])} items planned, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
