"""The contract of a broker and one file a kind: how one is opened, read, tidied and closed."""
