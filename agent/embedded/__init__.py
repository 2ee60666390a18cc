"""The embedded language model: value spotting, prompt, grammar, decoding, router. Knows nothing about shops."""
