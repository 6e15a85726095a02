"""Apps of every shape that the checks deploy and run; the user's file, not part of the checks."""

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

    @fal.endpoint("/upload")
    def upload(self, person: Person) -> dict:
        from fal.toolkit import File

        return {"url": File.from_bytes(person.name.encode(), file_name="name.txt").url}


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
def double():
    print("doubling")
    return 21 * 2
