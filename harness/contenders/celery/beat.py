"""What a beat of the workbench runs: `celery -A harness.contenders.celery.beat beat …`."""

import json
import os

from harness.contenders.celery.beat_client import VARIABLE
from harness.contenders.celery.config import configure, from_environment

app = configure(*from_environment())
app.conf.beat_schedule = json.loads(os.environ[VARIABLE])
