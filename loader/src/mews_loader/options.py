"""The project file's settings in the SDK's own form."""

from __future__ import annotations

from typing import Any


def build(given: dict[str, Any] | None) -> Any:
    """Nothing set when there is no project file, as the SDK has it for `fal run file.py`."""
    from fal.api import Options

    if given is None:
        return Options()
    host = dict(given["host"])
    environment = dict(given["environment"])
    health = host.get("health_check_config")
    if health is not None:
        host["health_check_config"] = health_check(health)
    return Options(host=host, environment=environment, gateway=dict(given["gateway"]))


def health_check(given: dict[str, Any]) -> Any:
    from fal.sdk import ApplicationHealthCheckConfig

    return ApplicationHealthCheckConfig(
        path=given["path"],
        start_period_seconds=given.get("start_period_seconds"),
        timeout_seconds=given.get("timeout_seconds"),
        failure_threshold=given.get("failure_threshold"),
        call_regularly=given.get("call_regularly"),
        method=given.get("method"),
    )
