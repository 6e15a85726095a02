import fal
from pydantic import BaseModel


class Input(BaseModel):
    name: str = "world"


class Bench(fal.App):
    @fal.endpoint("/")
    def hello(self, input: Input) -> dict:
        return {"message": f"Hello, {input.name}!"}
