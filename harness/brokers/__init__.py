"""One file a kind of broker: how one is opened, read, tidied and closed."""
