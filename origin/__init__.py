"""The slow services that both sides call, in processes of their own."""
