"""Lets the SDK prepare its requests, and takes each at the point where it would be sent.

The SDK's classes stay as they are: it pickles itself by value, so anything patched would travel with the
user's app. Only our own subclasses differ, and the app never sees them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import fal.utils
from fal.api import FalServerlessError, FalServerlessHost
from fal.api.api import FalSerializationError
from fal.container import DockerignoreHandler
from fal.sdk import FalServerlessConnection, FalServerlessKeyCredentials

from . import errors

NOBODY = FalServerlessKeyCredentials("nobody", "nobody")


class Captured(BaseException):
    """Ends the SDK's call; no handler of the SDK or the user takes it for a failure."""

    def __init__(self, request: Any) -> None:
        self.request = request


class Stub:
    """In place of the gRPC stub."""

    def BuildEnvironment(self, request: Any) -> Any:
        raise Captured(request)

    def Run(self, request: Any) -> Any:
        raise Captured(request)

    def RegisterApplication(self, request: Any) -> Any:
        raise Captured(request)


class CapturingHost(FalServerlessHost):
    """A host that sends nothing: files and local packages are noted, for others to bring along."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.files: dict[str, Any] | None = None
        self.has_image = False
        self.requirements_base: str | None = None

    @property
    def _connection(self) -> FalServerlessConnection:
        return FalServerlessConnection(self.url, self.credentials, _stub=Stub())

    def _materialize_local_requirements(
        self,
        environment_options: dict[str, Any],
        requirements_context_dir: str | None = None,
        on_progress: Any = None,
    ) -> None:
        base = Path(self.local_file_path).resolve().parent
        context = Path(requirements_context_dir or ".").expanduser()
        self.requirements_base = str((base / context).resolve())

    def files_sync(self, options: Any) -> list[Any]:
        if self.has_image:
            return []
        base = Path(self.local_file_path).resolve().parent
        context = base / (options.files_context_dir or ".")
        if options.files_list:
            self.files = {
                "paths": list(options.files_list),
                "ignore": [pattern.pattern for pattern in options.files_ignore],
                "context": str(context.resolve()),
            }
        return []


def load(request: dict[str, Any], options: Any) -> tuple[Any, dict[str, object]]:
    """Evaluates the user's file; its names come along. Raises what the file raises."""
    plain = FalServerlessHost(request["host"], local_file_path=request["file"], credentials=NOBODY)
    seen: dict[str, object] = {}
    find = fal.utils._find_target

    def find_and_remember(module: dict[str, object], name: str | None = None) -> Any:
        seen.update(module)
        return find(module, name)

    fal.utils._find_target = find_and_remember
    try:
        found = fal.utils.load_function_from(
            plain,
            request["file"],
            request["symbol"],
            options=options,
            limit_max_requests=request.get("limit_max_requests"),
        )
    except FalServerlessError as exc:
        raise errors.not_loadable(exc, request, seen) from exc
    finally:
        fal.utils._find_target = find
    return found, seen


def requests(request: dict[str, Any], found: Any, module: dict[str, object]) -> dict[str, Any]:
    """The three requests, each as the SDK would send it, still without a name and an environment."""
    try:
        return all_requests(request, found)
    except FalSerializationError as exc:
        raise errors.not_serializable(exc, request, found.class_name, module) from exc


def all_requests(request: dict[str, Any], found: Any) -> dict[str, Any]:
    function = found.function
    environment = function.options.environment
    if environment.get("image"):
        # A class has a kind of its own, which stays where the image comes from the project file.
        environment["kind"] = "container"
        if function.options.host.get("app_files"):
            raise errors.Told(
                kind="conflict",
                message="app_files are not for container apps: COPY the files in the Dockerfile",
            )
    host = CapturingHost(request["host"], local_file_path=request["file"], credentials=NOBODY)
    host.has_image = bool(environment.get("image"))
    build = taken(lambda: host.build_environment(function.options))
    run = taken(
        lambda: host.run(
            function.func,
            function.options,
            args=(),
            kwargs={},
            application_name=found.app_name,
            application_auth_mode=found.app_auth,
            build_environment=False,
        )
    )
    register = taken(
        lambda: host.register(
            func=function.func,
            options=function.options,
            application_name=found.app_name,
            application_auth_mode=found.app_auth,
            source_code=found.source_code,
            metadata=dict(function.build_metadata()),
            deployment_strategy="rolling",
            scale=False,
            build_environment=False,
        )
    )
    return {
        "build": build,
        "run": run,
        "register": register,
        "files": host.files,
        "context": context(environment.get("image")),
        "requirements_base": host.requirements_base,
    }


def context(image: Any) -> dict[str, Any] | None:
    """Where an image's Dockerfile finds its files, and which of them stay at home: the patterns themselves
    where they are known, since the SDK's expressions have lost which of them keep files."""
    if not isinstance(image, dict) or "dockerfile_str" not in image:
        return None
    regexes = list(image.get("docker_ignore") or [])
    folder = image.get("docker_context_dir") or "."
    handler = DockerignoreHandler(context_dir=folder)
    return {
        "dockerfile": image["dockerfile_str"],
        "folder": str(folder),
        "patterns": handler.get_patterns() if handler.get_regex_patterns() == regexes else None,
        "regexes": regexes,
    }


def taken(call: Any) -> str:
    try:
        call()
    except Captured as captured:
        return base64.b64encode(captured.request.SerializeToString(deterministic=True)).decode("ascii")
    raise RuntimeError("the SDK ended a call without sending anything")
