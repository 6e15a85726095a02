"""What an app may rely on in its runner."""

import asyncio
import os
from pathlib import Path

import fal
from fal.exceptions import AppException
from fastapi import Request
from pydantic import BaseModel

KEPT = Path("/data/conformance/kept")


class Word(BaseModel):
    word: str = ""


class Habits(fal.App, keep_alive=60, max_multiplexing=4, request_timeout=120):
    async def setup(self):
        self.stopped = asyncio.Event()
        self.regular = 0

    def teardown(self):
        print("the habits are put away")

    def handle_exit(self):
        print("told to go")

    def provide_hints(self) -> list:
        return ["habits", "kept"]

    @fal.endpoint("/")
    async def tell(self, word: Word) -> dict:
        print(f"a line about {word.word}")
        names = ("IS_ISOLATE_AGENT", "FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET", "FAL_HOST", "FAL_APP_NAME", "FAL_JOB_ID", "FAL_RUNNER_STATE")
        return {name: os.environ.get(name) for name in names}

    @fal.endpoint("/keep")
    def keep(self, word: Word) -> dict:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(word.word)
        return {"there": sorted(each.name for each in KEPT.parent.iterdir())}

    @fal.endpoint("/words")
    def words(self, word: Word):
        from fastapi.responses import StreamingResponse

        return StreamingResponse((f'data: {{"n": {n}}}\n\n' for n in range(3)), media_type="text/event-stream")

    @fal.endpoint("/slow")
    async def slow(self, word: Word) -> dict:
        await asyncio.wait_for(self.stopped.wait(), 60)
        self.stopped.clear()
        return {"stopped": True}

    @fal.endpoint("/slow/cancel")
    async def cancel(self) -> dict:
        self.stopped.set()
        return {}

    @fal.endpoint("/refuse")
    def refuse(self, word: Word, request: Request) -> dict:
        raise AppException("not this word", status_code=418)

    @fal.endpoint("/checks", health_check=fal.HealthCheck(start_period_seconds=30, timeout_seconds=5, failure_threshold=3, call_regularly=True))
    def check(self) -> dict:
        self.regular += 1
        return {"checks": self.regular}


class Late(fal.App, keep_alive=0, startup_timeout=3):
    def setup(self):
        import time

        time.sleep(600)

    @fal.endpoint("/")
    def nothing(self) -> dict:
        return {}


@fal.function(keep_alive=0)
def leaves():
    os._exit(7)


@fal.function(keep_alive=0, machine_type="XS")
def eats():
    eaten = []
    while True:
        eaten.append(b"x" * 50_000_000)
