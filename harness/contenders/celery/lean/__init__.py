"""Ready-made messages in batches, and results in bulk: shows what workers can do, without the usual client's cost."""
