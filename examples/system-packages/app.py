import fal
from pydantic import BaseModel


class Input(BaseModel):
    text: str = "hello"


class Output(BaseModel):
    banner: str


class Banner(fal.App):
    @fal.endpoint("/")
    def draw(self, input: Input) -> Output:
        import shutil
        import subprocess

        text = input.text + "\n"
        for program in ("figlet", "frame"):
            path = shutil.which(program)
            if path is not None:
                text = subprocess.run([path], input=text, capture_output=True, text=True, check=True).stdout
        return Output(banner=text)
