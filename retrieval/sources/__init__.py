"""Where documents come from: one file a source, registered in `retrieval.base.sources`."""
