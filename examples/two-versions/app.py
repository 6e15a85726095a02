import fal
from pydantic import BaseModel


class Rows(BaseModel):
    rows: list = [["Ada", 36], ["Grace", 45]]


class Table(BaseModel):
    version: str
    text: str


def render(rows: list) -> Table:
    from importlib.metadata import version

    from tabulate import tabulate

    return Table(version=version("tabulate"), text=tabulate(rows, tablefmt="github"))


class Older(fal.App):
    requirements = ["tabulate==0.8.10"]

    @fal.endpoint("/")
    def table(self, input: Rows) -> Table:
        return render(input.rows)


class Newer(fal.App):
    requirements = ["tabulate==0.9.0"]

    @fal.endpoint("/")
    def table(self, input: Rows) -> Table:
        return render(input.rows)
