import fal
import wording
from fal.toolkit import clone_repository, download_model_weights
from pydantic import BaseModel

REPOSITORY = "https://github.com/pypa/sampleproject.git"
COMMIT = "621e4974ca25ce531773def586ba3ed8e736b3fc"
WEIGHTS = "https://raw.githubusercontent.com/pypa/sampleproject/621e4974ca25ce531773def586ba3ed8e736b3fc/LICENSE.txt"


class Input(BaseModel):
    number: int = 1


class Output(BaseModel):
    text: str
    weights: int


class ImportCode(fal.App):
    # Travels with the app's own code.
    local_python_modules = ["wording"]

    # Both are kept under /data: the next runner finds them there.
    def setup(self):
        import json
        import sys

        repository = clone_repository(REPOSITORY, commit_hash=COMMIT)
        sys.path.insert(0, str(repository / "src"))
        self.weights = download_model_weights(WEIGHTS).read_bytes()
        # The files of `app_files` are in the working folder.
        with open("names.json") as names:
            self.names = json.load(names)

    @fal.endpoint("/")
    def name(self, input: Input) -> Output:
        from sample.simple import add_one

        number = add_one(input.number)
        name = self.names.get(str(number), "many")
        return Output(text=wording.sentence(number, name), weights=len(self.weights))
