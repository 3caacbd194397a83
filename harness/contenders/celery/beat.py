"""What a `celery beat` of the workbench runs; `harness.contenders.celery.launcher` starts it."""

import json
import os

from harness.contenders.celery.beat_client import VARIABLE
from harness.contenders.celery.config import configure, from_environment

app = configure(*from_environment())
app.conf.beat_schedule = json.loads(os.environ[VARIABLE])
