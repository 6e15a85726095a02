"""What ForkPitfallsIT runs: a package of the environment that does at its import what forks inherit."""

import logging
import os
import random
import sys
import tempfile
import time
import uuid

import fal
import numpy

HELD = open(__file__)
LEFT = tempfile.mkdtemp(prefix="left")
with open(os.path.expanduser("~/cache"), "w") as cache:
    cache.write("made once")
LOG = logging.getLogger("pitfalls")
LOG.addHandler(logging.StreamHandler(sys.stdout))


class Pitfalls(fal.App):
    @fal.endpoint("/")
    def facts(self, data: dict) -> dict:
        LOG.warning("logged in %s", time.tzname[0])
        return {
            "forked": "parent" in sys.argv,
            "random": random.random(),
            "numpy": float(numpy.random.random()),
            "generator": float(numpy.random.default_rng().random()),
            "uuid": str(uuid.uuid4()),
            # Solved by several threads, if the processors allow.
            "solved": float(numpy.linalg.norm(numpy.linalg.inv(numpy.eye(400) * 2.0))),
            "read": HELD.readline(),
            "position": os.lseek(HELD.fileno(), 0, os.SEEK_CUR),
            "left": os.path.isdir(LEFT),
            "cache": open(os.path.expanduser("~/cache")).read(),
            "zone": time.tzname[0],
        }
