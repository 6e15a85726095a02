"""The process beside the user's code: loads it, runs or serves it, and tells the server about it.

It shares an interpreter with strangers, so it imports nothing but the standard library, patches
nothing but uvicorn's start, and works with Python 3.8.
"""
