"""What a row of the table is."""

from typing import Callable, NamedTuple


class Row(NamedTuple):
    name: str
    check: Callable
    long: bool  # left out of a quick run
    since: str = "0"  # version of the client that has it first
    image: bool = False  # needs a base image


class Rows(list):
    def script(self, name, *said, patience=200, long=False, **more):
        """The function below runs with the client's Python and must say these patterns."""

        def add(function):
            self.row(name, long, **more)(lambda fal: fal.script(function, patience=patience).expect(*said))
            return function

        return add

    def long(self, name, **more):
        return self.row(name, long=True, **more)

    def row(self, name, long=False, **more):
        """Adds the function below as a row; rows run in the order of the file."""

        def add(check):
            self.append(Row(name, check, long, **more))
            return check

        return add
