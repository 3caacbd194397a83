"""What all loads use to issue requests."""
