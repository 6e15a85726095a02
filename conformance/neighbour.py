"""Travels along with an app that imports it."""

NAME = "from next door"
