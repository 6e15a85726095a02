import fal
from pydantic import BaseModel


class Input(BaseModel):
    name: str = "world"


class Output(BaseModel):
    message: str


class Hello(fal.App):
    @fal.endpoint("/")
    def hello(self, input: Input) -> Output:
        return Output(message=f"Hello, {input.name}!")
