"""Evaluates a `ref` app with the official SDK, on the developer's side, and writes down what that SDK
would send to a server. Nothing is sent from here."""
