"""How the embedded model is made: phrasings, corpus, tokenizer, router, pretraining. Nothing here runs in the service."""
