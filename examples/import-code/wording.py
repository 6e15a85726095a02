def sentence(number: int, name: str) -> str:
    return f"{number} is called {name}"
