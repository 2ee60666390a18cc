"""Ask a running Parstock through the official OpenAI client, streaming, with the facts behind the answer.

parstock serve &                                   # prints the address; `parstock key` makes an API key
PARSTOCK_KEY=par_... python examples/openai_client.py "What should we order today?"
"""

import os
import sys

from openai import OpenAI


def main() -> None:
    """Stream one answer, then print its facts."""
    question = " ".join(sys.argv[1:]) or "What should we order today?"
    client = OpenAI(base_url=os.environ.get("PARSTOCK_URL", "http://127.0.0.1:8000/v1"), api_key=os.environ["PARSTOCK_KEY"])
    stream = client.chat.completions.create(model="parstock", messages=[{"role": "user", "content": question}], stream=True)
    extra: dict[str, object] = {}
    for chunk in stream:
        extra = getattr(chunk, "parstock", None) or extra
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)
    print()
    facts = extra.get("facts", [])
    for fact in facts if isinstance(facts, list) else []:
        print(f"  {fact['value']} {fact['unit']}: {fact['source']}")


if __name__ == "__main__":
    main()
