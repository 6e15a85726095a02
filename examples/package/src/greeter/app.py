import fal
from pydantic import BaseModel

from greeter.phrases import greet


class Input(BaseModel):
    name: str = "world"
    language: str = "en"


class Output(BaseModel):
    message: str


class Greeter(fal.App):
    @fal.endpoint("/")
    def greet(self, input: Input) -> Output:
        return Output(message=greet(input.name, input.language))
