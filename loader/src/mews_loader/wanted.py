"""Which Python version an app asks for, told from the text alone where it is written as a literal: loading
a file twice is slow, and loading it with the wrong version may fail."""

from __future__ import annotations

import ast


def literal_version(path: str, symbol: str | None) -> str | None:
    try:
        with open(path, "rb") as source:
            tree = ast.parse(source.read(), filename=path)
    except (OSError, SyntaxError, ValueError):
        return None  # loading it will tell why
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            keywords = node.keywords
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            calls = [item for item in node.decorator_list if isinstance(item, ast.Call)]
            keywords = [keyword for call in calls for keyword in call.keywords]
        else:
            continue
        if symbol is not None and node.name != symbol:
            continue
        for keyword in keywords:
            value = keyword.value
            if keyword.arg == "python_version" and isinstance(value, ast.Constant):
                if isinstance(value.value, str):
                    return ".".join(value.value.split(".")[:2])
    return None
