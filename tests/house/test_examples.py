"""The examples do what they say."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_ten_questions_are_answered() -> None:
    """The embedded model answers the ten questions over the demonstration shop with the right tools and traced numbers."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "ten_questions.py")], capture_output=True, text=True, timeout=240, check=False
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
