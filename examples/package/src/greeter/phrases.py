GREETINGS = {"en": "Hello", "de": "Hallo", "fr": "Bonjour", "tr": "Merhaba"}


def greet(name: str, language: str) -> str:
    return f"{GREETINGS.get(language, GREETINGS['en'])}, {name}!"
