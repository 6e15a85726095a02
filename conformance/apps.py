"""Apps of every shape that the checks deploy and run; the user's file, not part of the checks."""

from typing import AsyncIterator

import fal
from pydantic import BaseModel


class Person(BaseModel):
    name: str = "you"


class Greeter(fal.App, keep_alive=60):
    machine_type = "S"

    def setup(self):
        self.greeting = "Hello"
        print("the greeter is set up")

    @fal.endpoint("/")
    def greet(self, person: Person) -> dict:
        print(f"greeting {person.name}")
        return {"message": f"{self.greeting}, {person.name}!"}

    @fal.endpoint("/fail")
    def fail(self) -> dict:
        raise RuntimeError("the greeter is out of words")


class Caller(fal.App):
    requirements = ["fal-client==1.0.3", "requests==2.32.5"]

    @fal.endpoint("/")
    def call(self, person: Person) -> dict:
        import os

        import fal_client
        import requests

        whole = f"https://{os.environ['FAL_RUN_HOST']}/local/greeter"
        key = {"Authorization": f"Key {os.environ['FAL_KEY']}"}
        return {
            "by fal_client": fal_client.run("local/greeter", arguments={"name": person.name})["message"],
            "by its queue": fal_client.subscribe("local/greeter", arguments={"name": person.name})["message"],
            "by requests": requests.post(whole, json={"name": person.name}, headers=key).json()["message"],
            "owner's part": requests.get(f"https://{os.environ['FAL_REST_HOST']}/users/current", headers=key).status_code,
        }


class Live(fal.App, keep_alive=60):
    @fal.realtime("/realtime")
    def one_for_one(self, person: Person) -> Person:
        return Person(name=person.name.upper())

    @fal.realtime("/batched", buffering=8, max_batch_size=4)
    def one_for_some(self, person: Person, *others: Person) -> Person:
        return Person(name="+".join(each.name for each in (person, *others)))

    @fal.realtime("/counted")
    async def many_for_one(self, person: Person) -> AsyncIterator[Person]:
        for number in range(3):
            yield Person(name=f"{person.name} {number}")

    @fal.realtime("/joined", session_timeout=1)
    async def one_for_many(self, people: AsyncIterator[Person]) -> Person:
        return Person(name=" and ".join([person.name async for person in people]))

    @fal.realtime("/echoed")
    async def many_for_many(self, people: AsyncIterator[Person]) -> AsyncIterator[Person]:
        async for person in people:
            yield Person(name=f"{person.name}!")


class Broken(fal.App):
    def setup(self):
        raise RuntimeError("no weights at this address")

    @fal.endpoint("/")
    def nothing(self) -> dict:
        return {}


class Unbuildable(fal.App):
    requirements = ["a-package-that-nobody-has-published==1.2.3"]

    @fal.endpoint("/")
    def nothing(self) -> dict:
        return {}


@fal.function(keep_alive=0)
def stumble():
    return 1 / 0


@fal.function(keep_alive=0)
def lazily():
    return (number for number in range(3))


@fal.function(keep_alive=0)
def double():
    print("doubling")
    return 21 * 2
