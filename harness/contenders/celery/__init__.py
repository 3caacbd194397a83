"""What the Celery contenders share: client, workers, configuration, remote control."""
