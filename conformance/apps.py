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
