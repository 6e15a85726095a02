"""Pickles an app as fal's SDK does before it sends it: python pickle_app.py FILE SYMBOL OUT

Runs under an interpreter that has the SDK.
"""

import sys

from fal.api import FalServerlessHost
from fal.api.api import _prepare_partial_func
from fal.utils import load_function_from
from isolate.connections.common import serialize_object


def main(file: str, symbol: str, out: str) -> None:
    loaded = load_function_from(FalServerlessHost(), file, symbol)
    function = _prepare_partial_func(loaded.function.func)
    with open(out, "wb") as target:
        target.write(serialize_object("cloudpickle", function))


main(*sys.argv[1:4])
